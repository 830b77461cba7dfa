#include "server/api/calls/call_routes.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/calls/call_docs.hpp"
#include "server/api/calls/call_export.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/calls/pending_cdr.hpp"
#include "server/api/calls/result_ingest.hpp"
#include "server/api/recordings/recording_library.hpp"
#include "server/api/recordings/recording_play.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

handler_result post_result(request_context& context) {
    auto& api = context.service<api_services>();
    ingest_options options;
    options.phone_region = api.settings->phone_region;
    options.base = context.public_base;
    CXB_CO_TRY(auto const ack,
               co_await api.results->take(std::move(context.request.body), std::move(options)));
    context.session_id = ack.session_id;
    co_return json_response(200, contract::call_results::serialize(ack));
}

handler_result post_cdr(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const ack, co_await take_cdr(*api.store, std::move(context.request.body),
                                                 context.now(), *api.random));
    co_return json_response(200, contract::cdr::serialize(ack));
}

handler_result list_calls(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto ask, read_call_list(context.query, context.caller, api.settings->phone_region,
                                        context.now()));
    CXB_CO_TRY(auto page, co_await server::fetch_list(
                              *api.store, server::model::calls, std::move(ask.calls.where),
                              ask.page, std::move(ask.calls.sort), &listed_call, listed_members()));
    co_return json_response(200, std::move(page));
}

handler_result get_call(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto call, co_await find_call(*api.store, context.param("id"), context.caller));
    bool const reachable = context.query.get("make_recording_accessible").value_or("") == "true";
    auto const key = reachable ? recording_of(call) : std::nullopt;
    auto shown = shown_call(std::move(call), context.public_base, reachable);
    if (key) {
        CXB_CO_TRY(auto const signed_url, co_await api.recordings->browser_url(*key));
        if (signed_url) shown["recording_url"] = *signed_url;
    }
    co_return json_response(200, std::move(shown));
}

handler_result export_call(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto call, co_await find_call(*api.store, context.param("id"), context.caller));
    auto const name = "call-" + std::string(wire::text_at(call, "session_id"));
    auto answer = json_response(200, shown_call(std::move(call), context.public_base));
    answer.headers.set("Content-Disposition", domain::content_disposition(name, ".json", true));
    co_return answer;
}

handler_result export_calls(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(call_export_ptr const order,
               read_call_export(context.query, context.caller, api.settings->phone_region,
                                context.now(), context.public_base));
    CXB_CO_CHECK(co_await check_export_size(*api.store, order));
    auto const executor = co_await boost::asio::this_coro::executor;
    co_return server::streamed_response(
        executor, head_of(*order),
        [store = api.store, metrics = api.metrics, order](server::stream_writer& out) {
            return write_calls(*store, order, *metrics, out);
        });
}

handler_result get_events(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto call, co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto rows, co_await events_of(*api.store, std::move(call)));
    co_return json_response(200, std::move(rows));
}

handler_result get_trace(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto rows, co_await trace_of(*api.store, context.param("id"), context.caller));
    co_return json_response(200, std::move(rows));
}

handler_result redact(request_context& context) {
    CXB_CO_TRY(wire::json_object const body, context.object_body());
    auto const* reason = body.if_contains("reason");
    if (reason == nullptr || !reason->is_string() || reason->get_string().empty() ||
        reason->get_string().size() > longest_reason)
        co_return invalid_member("/reason", "must be a text of 1 to 500 bytes");
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const call,
               co_await find_call(*api.store, context.param("id"), context.caller));
    redaction_order order;
    order.session_id = wire::text_at(call, "session_id");
    order.reason = wire::text_at(body, "reason");
    context.session_id = order.session_id;
    CXB_CO_TRY(std::string const at, co_await redact_call(api, order, audit_actor::of(context)));
    co_return json_response(
        200, wire::json_object{{"session_id", order.session_id}, {"redacted_at", at}});
}

constexpr server::query_parameter call_parameters[] = {
    {"make_recording_accessible",
     "recording_url becomes a link that plays: presigned for 24 h, or a path of this API",
     "boolean", false, "true"}};

constexpr std::array<server::query_parameter, 20> filter_parameters = {{
    {"bot_id", "Calls of one bot", "string", false, "6b029aee2e5f75ee541227d1"},
    {"campaign_id", "Calls of one campaign", "string", false, "6b029aee2e5f75ee541227d1"},
    {"status", "active, completed, failed, voicemail", "string", false, "completed"},
    {"disconnected_by", "How the call ended", "string", false, "customer"},
    {"call_direction", "inbound or outbound", "string", false, "inbound"},
    {"phone", "Far side, E.164; with from or to also its last 4 to 9 digits", "string", false,
     "+919876543210"},
    {"caller_id", "Far side as the worker gave it", "string", false, "+919876543210"},
    {"session_id", "One call", "string", false, "01a2022d-32b9-7149-85cc-40025582ba10"},
    {"stream_id", "Calls of one stream", "string", false, "st-996741fd"},
    {"disposition", "Disposition of the analysis", "string", false, "PTP"},
    {"call_type", "bot or agent", "string", false, "bot"},
    {"is_test", "Test calls", "boolean", false, "false"},
    {"was_transferred", "Transferred calls", "boolean", false, "false"},
    {"has_recording", "Calls with a recording", "boolean", false, "true"},
    {"push_state", "none, skipped, queued, delivered, dead", "string", false, "delivered"},
    {"min_duration", "Seconds", "integer", false, "10"},
    {"max_duration", "Seconds", "integer", false, "600"},
    {"from", "Created at or after", "string", false, "2026-11-01T00:00:00Z"},
    {"to", "Created before", "string", false, "2026-11-22T00:00:00Z"},
    {"sort", "-created_at or created_at", "string", false, "-created_at"},
}};

// The filters and what the route has besides.
template <std::size_t Count>
constexpr auto with_filters(server::query_parameter const (&own)[Count]) {
    std::array<server::query_parameter, filter_parameters.size() + Count> out{};
    auto const end = std::copy(filter_parameters.begin(), filter_parameters.end(), out.begin());
    std::copy(std::begin(own), std::end(own), end);
    return out;
}
constexpr auto list_parameters = with_filters(server::page_parameters);
constexpr server::query_parameter export_parameters_alone[] = {
    {"format", "csv or ndjson; csv when absent", "string", false, "ndjson"},
    {"columns", "More columns of a CSV, with commas between: analysis.X, qc.X, crm.X, call.X",
     "string", false, "analysis.SUMMARY,crm.CUSTOMERID"}};
constexpr auto export_parameters = with_filters(export_parameters_alone);

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/call-results",
     .who = access::core_secret,
     .handler = &post_result,
     .summary = "Result of a call; 200 means it is on disk",
     .body_limit = limits::results_body,
     .request_schema = &contract::call_results::call_results_schema,
     .response_schema = &contract::call_results::call_results_ack_schema,
     .doc = post_result_doc},
    {.method = "POST",
     .pattern = "/api/v1/cdr",
     .who = access::core_secret,
     .handler = &post_cdr,
     .summary = "Call detail record of a stream",
     .body_limit = limits::cdr_body,
     .request_schema = &contract::cdr::cdr_schema,
     .response_schema = &contract::cdr::cdr_ack_schema,
     .doc = post_cdr_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls",
     .who = access::api_key_or_admin,
     .handler = &list_calls,
     .summary = "Calls, newest first; without a range the last 30 days",
     .scope = "calls:read",
     .response_schema = &server::page_schema<&listed_call_schema>,
     .query = list_parameters,
     .doc = list_calls_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/export",
     .who = access::admin,
     .handler = &export_calls,
     .summary = "Calls as a file: CSV, or their documents, one a line",
     .response_type = "text/csv",
     .query = export_parameters,
     .deadline = server::no_deadline,
     .doc = export_calls_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}",
     .who = access::api_key_or_admin,
     .handler = &get_call,
     .summary = "One call, whole",
     .scope = "calls:read",
     .response_schema = &call_schema,
     .query = call_parameters,
     .doc = get_call_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}/export.json",
     .who = access::admin,
     .handler = &export_call,
     .summary = "One call as a file",
     .response_schema = &call_schema,
     .doc = export_call_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}/events",
     .who = access::admin,
     .handler = &get_events,
     .summary = "What happened in and around a call, by time",
     .response_schema = &server::list_schema<&call_event_schema>,
     .doc = get_events_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}/trace",
     .who = access::admin,
     .handler = &get_trace,
     .summary = "Every step of a call over all processes",
     .response_schema = &server::list_schema<&trace_row_schema>,
     .doc = get_trace_doc},
    {.method = "POST",
     .pattern = "/api/v1/calls/{id}/redact",
     .who = access::super_admin,
     .handler = &redact,
     .summary = "Take the person out of a finished call; its recording is removed",
     .request_schema = &redact_body_schema,
     .response_schema = &redacted_schema,
     .doc = redact_doc},
};

}  // namespace

std::span<server::route const> call_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
