#include "cxb/contract/dialout/core_dialout_request.hpp"

#include "src/contract/runtime_config/variables_rule.hpp"

namespace cxb::inline v1 {
namespace contract::dialout {
namespace {

using wire::field;
using request = core_dialout_request;

constexpr wire::field_row rows[] = {
    field<&request::bot_id>("bot_id").required().bytes(1, limits::text).doc("Who speaks."),
    field<&request::to_number>("to_number")
        .required()
        .bytes(3, 64)
        .personal()
        .doc("Number to call."),
    field<&request::from_number>("from_number").personal().doc("Number to show."),
    field<&request::connected_event>("connected_event")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables, every value text."),
    field<&request::config_url>("config_url")
        .pattern(wire::patterns::url)
        .doc("Base of the config fetch, ending in /config."),
    field<&request::dial_id>("dial_id")
        .pattern(wire::patterns::uuid)
        .doc("Becomes the call_id and the suffix of the room."),
};

void check_request(request const& value, wire::fault_sink& sink) {
    runtime_config::check_variables(value.connected_event, "/connected_event", sink);
}

}  // namespace

CXB_WIRE_TYPE(core_dialout_request,
              wire::table<core_dialout_request>("The control plane asks a worker to dial.", rows)
                  .check<check_request>())

}  // namespace contract::dialout
}  // namespace cxb::inline v1
