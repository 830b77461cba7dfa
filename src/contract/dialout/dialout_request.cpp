#include "cxb/contract/dialout/dialout_request.hpp"

#include "src/contract/runtime_config/variables_rule.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {
namespace {

using wire::field;

constexpr std::string_view only_one = "send either variables or connected_event";

constexpr wire::field_row rows[] = {
    field<&dialout_request::bot_id>("bot_id").required().bytes(1, limits::text).doc("Who speaks."),
    field<&dialout_request::to_number>("to_number")
        .required()
        .bytes(3, 64)
        .personal()
        .doc("Number to call."),
    field<&dialout_request::from_number>("from_number").personal().doc("Number to show."),
    field<&dialout_request::connected_event>("connected_event")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables."),
    field<&dialout_request::variables>("variables")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables under their older name."),
};

void check_request(dialout_request const& value, wire::fault_sink& sink) {
    if (value.connected_event && value.variables) {
        sink.add("/variables", std::string(only_one));
        sink.add("/connected_event", std::string(only_one));
    }
    runtime_config::check_variables(value.connected_event, "/connected_event", sink);
    runtime_config::check_variables(value.variables, "/variables", sink);
}

}  // namespace

CXB_WIRE_TYPE(
    dialout_request,
    wire::table<dialout_request>("A CRM asks for an outbound call.", rows).check<check_request>())

wire::raw_json call_variables(dialout_request const& request) {
    if (request.connected_event) return *request.connected_event;
    return request.variables.value_or(wire::raw_json::object());
}

}  // namespace contract::dialout
}  // namespace cxb::inline v1
