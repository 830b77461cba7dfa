#include "server/api/config/preview_request.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::api {

using wire::field;
namespace rc = contract::runtime_config;

namespace {

void check_request(preview_request const& value, wire::fault_sink& sink) {
    if (value.at && !parse_timestamp_or_utc(*value.at))
        sink.add("/at", "must be an RFC 3339 timestamp");
    bool const readable = value.connected_event.is_object() &&
                          value.connected_event.size() <= limits::connected_event;
    if (!readable) return;
    if (auto const asked = config_request_of(value); !asked) sink.add(asked.error());
}

}  // namespace

constexpr wire::field_row preview_rows[] = {
    field<&preview_request::connected_event>("connected_event")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Call variables and reserved members."),
    field<&preview_request::caller_id>("caller_id").personal().doc("The far party."),
    field<&preview_request::mock_crm>("mock_crm")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Stands in for what the CRM would say."),
    field<&preview_request::skip_prefetch>("skip_prefetch").doc("The CRM is not asked."),
    field<&preview_request::at>("at").max_bytes(64).doc("Moment to look at; absent: now."),
};
CXB_WIRE_TYPE(preview_request,
              wire::table<preview_request>("Trying a bot without a call.", preview_rows)
                  .check<check_request>())

result<rc::config_request> config_request_of(preview_request const& request) {
    wire::json_object const asked{{"caller_id", request.caller_id},
                                  {"connected_event", request.connected_event.to_value()}};
    // Read as from a worker: reserved members steer the build and never become variables.
    CXB_TRY(auto out, rc::parse_config_request(wire::json_value(asked)));
    auto& flags = out.connected_event.flags;
    if (request.mock_crm) flags.mock_crm = *request.mock_crm;
    flags.skip_prefetch = request.skip_prefetch;
    return out;
}

}  // namespace cxb::api
