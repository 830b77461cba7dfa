#include "src/contract/media_ws/message_kinds.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::media_ws {
namespace {

constexpr wire::field_row head_rows[] = {
    wire::field<&message_head::event>("event")
        .required()
        .max_bytes(limits::ws_text_frame)
        .doc("Which message this is."),
};

}  // namespace

CXB_WIRE_PART(message_head, wire::table<message_head>("The name of a message.", head_rows))

wire::raw_json whole_of(wire::json_view value) {
    return value.object() != nullptr ? wire::raw_json::from_object(*value.object())
                                     : wire::raw_json::from_value(*value.value());
}

std::string joined_variables(wire::json_object const& own, wire::raw_json const& others) {
    std::string out = wire::to_text(own);
    if (others.is_blank() || !others.is_object()) return out;
    out.pop_back();
    if (out.size() > 1) out += ',';
    return out.append(others.text(), 1);
}

wire::raw_json trusted_variables(std::string_view joined) {
    auto const event = runtime_config::parse_connected_event(joined);
    return event ? event->variables : wire::raw_json::object();
}

}  // namespace contract::media_ws
}  // namespace cxb::inline v1
