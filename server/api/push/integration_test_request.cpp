#include "server/api/push/integration_test_request.hpp"

#include "cxb/base/limits.hpp"

namespace cxb::api {

using wire::field;

namespace {

constexpr std::string_view kinds[] = {fetch_test, push_test};
constexpr std::size_t session_bytes = 128;

}  // namespace

constexpr wire::field_row test_rows[] = {
    field<&integration_test_request::kind>("kind").required().words(kinds).doc(
        "pre_call_fetch or post_call_push."),
    field<&integration_test_request::session_id>("session_id")
        .bytes(1, session_bytes)
        .doc("A call of this bot whose facts are used; absent: one is made up."),
    field<&integration_test_request::variables>("variables")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables, laid over those of the call."),
    field<&integration_test_request::dry_run>("dry_run").doc("The request is shown, not sent."),
};
CXB_WIRE_TYPE(integration_test_request,
              wire::table<integration_test_request>("Trying an integration of a bot.", test_rows))

}  // namespace cxb::api
