#include "cxb/contract/agent_desk/desk_events.hpp"

namespace cxb::inline v1 {
namespace contract::agent_desk {

// Tells the two forms apart.
struct events_head {
    std::optional<wire::raw_json> events;
    friend bool operator==(events_head const&, events_head const&) = default;
};
CXB_WIRE_DECLARE_PART(events_head);

namespace {

using wire::field;

constexpr std::size_t max_events = 100;

constexpr wire::field_row head_rows[] = {
    field<&events_head::events>("events").max_bytes(limits::results_body).doc("The list form."),
};
constexpr wire::field_row rows[] = {
    field<&desk_events::events>("events")
        .max_items(max_events)
        .tolerant()
        .doc("What happened; a body without this member is one event itself."),
};
constexpr wire::field_row ack_rows[] = {
    field<&desk_events_ack::status>("status").doc("ok."),
    field<&desk_events_ack::stored>("stored").min(0).doc("Events that were new."),
    field<&desk_events_ack::duplicates>("duplicates").min(0).doc("Events known before."),
};

template <class Input>
result<desk_events> read_either(Input const& input, wire::parse_options const& options) {
    CXB_TRY(auto const head, wire::read<events_head>(input, {.max_bytes = options.max_bytes}));
    if (head.events) return wire::read<desk_events>(input, options);
    CXB_TRY(auto item, wire::read<call_results::event_item>(input, options));
    desk_events out;
    out.events.push_back(std::move(item));
    return out;
}

}  // namespace

CXB_WIRE_PART(events_head, wire::table<events_head>("One event or a list.", head_rows))
CXB_WIRE_PART(desk_events, wire::table<desk_events>("Events of a call at the desk.", rows)
                               .collect_unknown<&desk_events::ext>("ext", limits::ext_json))
CXB_WIRE_FUNCTIONS(desk_events)
CXB_WIRE_TYPE(desk_events_ack, wire::table<desk_events_ack>("They were stored.", ack_rows))

result<desk_events> parse_desk_events(std::string_view text, wire::parse_options options) {
    return read_either(text, options);
}
result<desk_events> parse_desk_events(wire::json_view value, wire::parse_options options) {
    return read_either(value, options);
}

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
