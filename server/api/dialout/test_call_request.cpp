#include "server/api/dialout/test_call_request.hpp"

#include "cxb/contract/dialout/dialout_request.hpp"

namespace cxb::api {
namespace {

using wire::field;

// Number and variables obey the rules of a dialout, wherever they are told.
void check_request(test_call_request const& value, wire::fault_sink& sink) {
    contract::dialout::dialout_request dialout;
    dialout.bot_id = "of the path";
    dialout.to_number = value.to_number;
    dialout.from_number = value.from_number;
    dialout.variables = value.variables;
    if (auto const good = contract::dialout::validate(dialout); !good) sink.add(good.error());
}

}  // namespace

constexpr wire::field_row test_call_rows[] = {
    field<&test_call_request::to_number>("to_number").required().personal().doc("Number to ring."),
    field<&test_call_request::from_number>("from_number").personal().doc("Number to show."),
    field<&test_call_request::variables>("variables")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables."),
    field<&test_call_request::mock_crm>("mock_crm")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Stands in for what the CRM would say."),
    field<&test_call_request::skip_prefetch>("skip_prefetch").doc("The CRM is not asked."),
    field<&test_call_request::skip_post_push>("skip_post_push").doc("The CRM is not told."),
    field<&test_call_request::ignore_active_hours>("ignore_active_hours")
        .doc("Ring also while the bot is closed."),
};
CXB_WIRE_TYPE(test_call_request,
              wire::table<test_call_request>("A person tries a bot on a phone.", test_call_rows)
                  .check<check_request>())

void add_test_flags(wire::json_object& variables, test_call_request const& request) {
    variables["_cxb_test_call"] = true;
    if (request.ignore_active_hours) variables["_cxb_ignore_active_hours"] = true;
    if (request.skip_prefetch) variables["_skip_prefetch"] = true;
    if (request.skip_post_push) variables["_skip_post_push"] = true;
    if (request.mock_crm) variables["_mock_crm"] = request.mock_crm->to_value();
}

}  // namespace cxb::api
