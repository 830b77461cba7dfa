#include "server/api/exotel/exotel_routes.hpp"

#include "cxb/domain/phone_number.hpp"
#include "server/api/exotel/exotel_call.hpp"
#include "server/api/exotel/exotel_directory.hpp"
#include "server/api/fleet/media_base.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/openapi/schema_text.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

exotel_directory& exotel_of(request_context const& context) {
    return *context.service<api_services>().exotel;
}

exotel_number reached(exotel_number number, std::string const& base) {
    if (!number.bot_id.empty()) number.websocket_url = base + "/exotel/" + number.bot_id;
    return number;
}

wire::http_response shown(int status, exotel_number number, request_context const& context) {
    auto const base = media_base(context.service<api_services>());
    return json_response(status, serialize(reached(std::move(number), base)));
}

wire::http_response shown(wire::json_object const& document, request_context const& context) {
    exotel_view out;
    out.account_sid = wire::text_at(document, "account_sid");
    out.api_base_url = wire::text_at(document, "api_base_url");
    out.credentials_configured = is_configured(document);
    out.status = out.credentials_configured ? "configured" : "not_configured";
    auto const base = media_base(context.service<api_services>());
    for (auto& each : numbers_of(document))
        out.dids.push_back(reached(std::move(each), base));
    return json_response(200, serialize(out));
}

handler_result get_exotel(request_context& context) {
    CXB_CO_TRY(auto const document, co_await exotel_of(context).read());
    co_return shown(document, context);
}

handler_result put_exotel(request_context& context) {
    CXB_CO_TRY(auto sent, parse_exotel_account(context.request.body));
    CXB_CO_TRY(auto const document,
               co_await exotel_of(context).configure(std::move(sent), audit_actor::of(context)));
    co_return shown(document, context);
}

handler_result post_did(request_context& context) {
    CXB_CO_TRY(auto body, parse_exotel_number_body(context.request.body));
    CXB_CO_TRY(auto const made,
               co_await exotel_of(context).add(std::move(body), audit_actor::of(context)));
    co_return shown(201, made, context);
}

handler_result put_did(request_context& context) {
    CXB_CO_TRY(auto patch, parse_exotel_number_patch(context.request.body));
    CXB_CO_TRY(auto const changed,
               co_await exotel_of(context).change(context.param("did_id"), std::move(patch),
                                                  audit_actor::of(context)));
    co_return shown(200, changed, context);
}

handler_result delete_did(request_context& context) {
    CXB_CO_CHECK(
        co_await exotel_of(context).remove(context.param("did_id"), audit_actor::of(context)));
    co_return server::deleted_response();
}

handler_result get_options(request_context& context) {
    CXB_CO_TRY(auto const document, co_await exotel_of(context).read());
    exotel_call_options out;
    out.configured = is_configured(document);
    for (auto const& each : numbers_of(document))
        out.dids.push_back({each.id, each.number, each.label, each.bot_id,
                            out.configured && !each.flow_url.empty()});
    co_return json_response(200, serialize(out));
}

handler_result post_test_call(request_context& context) {
    auto const& api = context.service<api_services>();
    CXB_CO_TRY(auto const body, parse_exotel_test_call(context.request.body));
    auto const customer = domain::to_e164(body.customer_number, api.settings->phone_region);
    if (!customer) co_return invalid_member("/customer_number", "not a dialable number");
    CXB_CO_TRY(auto const document, co_await exotel_of(context).read());
    CXB_CO_TRY(auto const from, number_of(document, context.param("did_id")));
    if (!is_configured(document)) co_return error{errc::conflict, "Exotel is not configured"};
    if (from.flow_url.empty()) co_return error{errc::conflict, "The number has no flow_url"};
    CXB_CO_CHECK(
        co_await exotel_of(context).note_test_call(from, *customer, audit_actor::of(context)));
    CXB_CO_TRY(
        auto const placed,
        co_await place_exotel_call(*api.guarded, exotel_call_request(document, from, *customer)));
    co_return json_response(200, serialize(placed));
}

constexpr std::string_view view_example =
    R"({"account_sid":"acme1","api_base_url":"https://api.exotel.com",)"
    R"("credentials_configured":true,"status":"configured","dids":)"
    R"([{"id":"65f10000000000000000000b","number":"+918040000001","label":"Main",)"
    R"("bot_id":"65f000000000000000000001","flow_url":"","websocket_url":)"
    R"("wss://media.example.com/exotel/65f000000000000000000001"}]})";
constexpr std::string_view number_example =
    R"({"id":"65f10000000000000000000b","number":"+918040000001","label":"Main",)"
    R"("bot_id":"65f000000000000000000001","flow_url":)"
    R"("http://my.exotel.com/acme1/exoml/start_voice/100","websocket_url":)"
    R"("wss://media.example.com/exotel/65f000000000000000000001"})";

constexpr server::route_error add_errors[] = {
    {409, "number_in_use", "the number stands there already"},
    {409, "too_many_numbers", "there are 500"},
};
constexpr server::route_error call_errors[] = {
    {409, "conflict", "the account is not configured, or the number has no flow_url"},
    {502, "upstream_failed", "Exotel refused, its status as provider_status, or was not reached"},
    {504, "outcome_unknown", "Exotel did not answer in 15 seconds; the call may have been placed"},
};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/integrations/exotel",
     .who = access::super_admin,
     .handler = &get_exotel,
     .summary = "The account at Exotel and its numbers",
     .response_schema = &exotel_view_schema,
     .doc = {.description = "API key and token are shown to nobody.",
             .response_example = view_example}},
    {.method = "PUT",
     .pattern = "/api/v1/integrations/exotel",
     .who = access::super_admin,
     .handler = &put_exotel,
     .summary = "Change the account at Exotel; absent members stay",
     .request_schema = &exotel_account_schema,
     .response_schema = &exotel_view_schema,
     .doc = {.description = "It is configured once account, key and token are all set. A masked "
                            "key or token stays as it is, an empty one is removed.",
             .request_example =
                 R"({"account_sid":"acme1","api_key":"0a1b2c","api_token":"3d4e5f"})",
             .response_example = view_example}},
    {.method = "POST",
     .pattern = "/api/v1/integrations/exotel/dids",
     .who = access::super_admin,
     .handler = &post_did,
     .summary = "Add a number of Exotel",
     .request_schema = &exotel_number_body_schema,
     .response_schema = &exotel_number_schema,
     .success = 201,
     .doc = {.description = "A bot that a number is mapped to cannot be deleted. websocket_url is "
                            "what a Voicebot applet at Exotel connects to.",
             .request_example = R"({"number":"080 4000 0001","label":"Main",)"
                                R"("bot_id":"65f000000000000000000001","flow_url":)"
                                R"("http://my.exotel.com/acme1/exoml/start_voice/100"})",
             .response_example = number_example,
             .errors = add_errors}},
    {.method = "PUT",
     .pattern = "/api/v1/integrations/exotel/dids/{did_id}",
     .who = access::super_admin,
     .handler = &put_did,
     .summary = "Change label, bot or flow of a number; absent members stay",
     .request_schema = &exotel_number_patch_schema,
     .response_schema = &exotel_number_schema,
     .doc = {.description = "Empty texts remove what is there.",
             .request_example = R"({"bot_id":"65f000000000000000000001"})",
             .response_example = number_example}},
    {.method = "DELETE",
     .pattern = "/api/v1/integrations/exotel/dids/{did_id}",
     .who = access::super_admin,
     .handler = &delete_did,
     .summary = "Remove a number of Exotel",
     .response_schema = &server::deleted_schema,
     .doc = {.description = "Its bot is free to be deleted.",
             .response_example = server::deleted_example}},
    {.method = "GET",
     .pattern = "/api/v1/integrations/exotel/test-call-options",
     .who = access::admin,
     .handler = &get_options,
     .summary = "Numbers a test call through Exotel can begin from",
     .response_schema = &exotel_call_options_schema,
     .doc = {.description = "A number is ready when the account is configured and the number has a "
                            "flow_url.",
             .response_example = R"({"configured":true,"dids":[{"id":"65f10000000000000000000b",)"
                                 R"("number":"+918040000001","label":"Main",)"
                                 R"("bot_id":"65f000000000000000000001","ready":true}]})"}},
    {.method = "POST",
     .pattern = "/api/v1/integrations/exotel/dids/{did_id}/test-call",
     .who = access::admin,
     .handler = &post_test_call,
     .summary = "Let Exotel ring a number; safe to repeat with an Idempotency-Key",
     .request_schema = &exotel_test_call_schema,
     .response_schema = &exotel_call_placed_schema,
     .idempotent = true,
     .deadline = server::no_deadline,
     .doc = {.description = "Exotel rings the customer and connects who answers with the number's "
                            "flow. An audit row is written before.",
             .request_example = R"({"customer_number":"98765 43210"})",
             .response_example = R"({"status":"ok","call_sid":"c5797dcbaaeed7678c4062a4a3ed2f8a"})",
             .errors = call_errors}},
};

}  // namespace

std::span<server::route const> exotel_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
