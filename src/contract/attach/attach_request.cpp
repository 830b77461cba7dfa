#include "cxb/contract/attach/attach_request.hpp"

#include "src/contract/runtime_config/variables_rule.hpp"

namespace cxb::inline v1 {
namespace contract::attach {
namespace {

using wire::field;

constexpr wire::field_row rows[] = {
    field<&attach_request::room_name>("room_name")
        .required()
        .bytes(1, limits::text)
        .doc("Room the callee waits in."),
    field<&attach_request::bot_id>("bot_id").required().bytes(1, limits::text).doc("Who speaks."),
    field<&attach_request::to_number>("to_number").personal().doc("The callee."),
    field<&attach_request::from_number>("from_number").personal().doc("The number shown."),
    field<&attach_request::config_url>("config_url")
        .pattern(wire::patterns::url)
        .doc("Base of the config fetch, ending in /config."),
    field<&attach_request::connected_event>("connected_event")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables and reserved members."),
    field<&attach_request::campaign_call_id>("campaign_call_id").doc("Lease of the dialler."),
};

void check_request(attach_request const& value, wire::fault_sink& sink) {
    runtime_config::check_variables(value.connected_event, "/connected_event", sink);
}

}  // namespace

CXB_WIRE_TYPE(attach_request, wire::table<attach_request>("An answered call for a worker.", rows)
                                  .check<check_request>())

}  // namespace contract::attach
}  // namespace cxb::inline v1
