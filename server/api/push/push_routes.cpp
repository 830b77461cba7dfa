#include "server/api/push/push_routes.hpp"

#include "server/api/calls/call_reading.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/push/integration_test.hpp"
#include "server/api/push/push_docs.hpp"
#include "server/api/push/push_replay.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

handler_result push_again(request_context& context) {
    wire::json_object body;
    if (!context.request.body.empty()) {
        CXB_CO_TRY(body, context.object_body());
    }
    replay_order order;
    auto const* given = body.if_contains("mode");
    order.mode = given == nullptr ? "rebuild" : wire::text_at(body, "mode");
    order.base = context.public_base;
    if (order.mode != "rebuild" && order.mode != "same")
        co_return invalid_member("/mode", "must be rebuild or same");
    if (auto const* reason = body.if_contains("reason"); reason != nullptr && !reason->is_null()) {
        if (!reason->is_string() || reason->get_string().size() > longest_reason)
            co_return invalid_member("/reason", "must be a text of at most 500 bytes");
        order.reason = wire::text_at(body, "reason");
    }
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto call, co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto const job, co_await replay_push(api, std::move(call), std::move(order),
                                                    audit_actor::of(context)));
    co_return json_response(202, wire::json_object{{"job_id", job}});
}

handler_result list_pushes(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const call,
               co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto jobs,
               co_await pushes_of(*api.store, std::string(wire::text_at(call, "session_id"))));
    co_return json_response(200, std::move(jobs));
}

handler_result test_bot_integration(request_context& context) {
    std::vector<std::string> ignored;
    wire::parse_options how;
    how.ignored = &ignored;
    CXB_CO_TRY(auto asked, parse_integration_test_request(context.request.body, how));
    if (!ignored.empty())
        context.answer_headers.set("X-CXB-Ignored-Fields", wire::ignored_fields_header(ignored));
    CXB_CO_TRY(auto shown, co_await test_integration(
                               context.service<api_services>(), context.param("id"),
                               std::move(asked), context.public_base, audit_actor::of(context)));
    co_return json_response(200, std::move(shown));
}

std::string_view test_answer_schema() {
    return R"({"title":"integration_trial","type":"object","required":["request"],
"properties":{"request":{"type":"object",
"required":["method","url","headers","body"],"properties":{"method":{"type":"string"},
"url":{"type":"string"},"headers":{"type":"object","additionalProperties":{"type":"string"}},
"body":{"type":"string"},"truncated":{"type":"boolean"}}},"response":{"type":"object",
"required":["status","ms","body"],"properties":{"status":{"type":"integer"},
"ms":{"type":"integer"},"body":{"type":"string"},"truncated":{"type":"boolean"}}},
"error":{"type":"string"}}})";
}

constexpr server::route_error test_errors[] = {
    {404, "not_found", "there is no such bot"},
    {409, "not_configured", "the bot has no block of this kind"},
    {409, "redacted", "the call was redacted"},
    {413, "too_large", "the push would be over 8 MiB"}};

// Longer than the longest push and the token before it.
constexpr std::chrono::seconds test_deadline{75};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/calls/{id}/push",
     .who = access::admin,
     .handler = &push_again,
     .summary = "Push a call again: rebuilt from today's mapper, or the same bytes",
     .request_schema = &push_body_schema,
     .response_schema = &push_queued_schema,
     .success = 202,
     .doc = push_again_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}/pushes",
     .who = access::admin,
     .handler = &list_pushes,
     .summary = "Push jobs of a call with their history",
     .response_schema = &server::list_schema<&job_schema>,
     .doc = list_pushes_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/integrations/test",
     .who = access::admin,
     .handler = &test_bot_integration,
     .summary = "Try a bot's pre-fetch or push: show its request, or send it once",
     .body_limit = limits::call_start_body,
     .request_schema = &integration_test_request_schema,
     .response_schema = &test_answer_schema,
     .deadline = test_deadline,
     .doc = {.description =
                 "Builds the request as the pre-fetch or the first attempt of a push would, from a "
                 "call of the bot or one that is made up, and shows it with its secrets hidden. "
                 "With dry_run false it is sent once, marked by X-CXB-Test, and the answer is "
                 "shown; that writes an audit row. Nothing of a call is written. Bodies are cut "
                 "at 64 KiB.",
             .request_example = R"({"kind":"post_call_push","variables":{"CUSTOMERID":"C9"}})",
             .response_example =
                 R"({"request":{"method":"POST","url":"https://crm.example.com/calls",)"
                 R"("headers":{"Authorization":"••••••••","Content-Type":"application/json",)"
                 R"("X-CXB-Test":"1"},"body":"{\"customer_id\":\"C9\"}"}})",
             .errors = test_errors}},
};

}  // namespace

std::span<server::route const> push_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
