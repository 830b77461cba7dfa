#include "server/api/config/config_routes.hpp"

#include "server/api/config/config_docs.hpp"
#include "server/api/config/config_service.hpp"
#include "server/api/config/preview_request.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::request_context;

handler_result serve(request_context& context, config_ask ask) {
    ask.base = context.internal_base;
    CXB_CO_TRY(auto served,
               co_await context.service<api_services>().configs->serve(std::move(ask)));
    context.session_id = served.session_id;
    auto answer = server::json_response(200, std::move(served.body));
    answer.headers.set("Cache-Control", "no-store");
    co_return answer;
}

// Bad JSON in connected_event must not cost the call: it reads as `{}` and is noted.
bool is_malformed(wire::query_list const& query, rc::config_request const& read) {
    if (read.connected_event.variables.text() != "{}") return false;
    auto const text = query.get("connected_event");
    if (!text || text->empty()) return false;
    auto const parsed = wire::parse_json(*text);
    return !parsed || !parsed->is_object();
}

handler_result by_query(request_context& context, std::string bot_id) {
    config_ask ask;
    ask.bot_id = std::move(bot_id);
    CXB_CO_TRY(ask.request, rc::from_query(context.query));
    ask.event_malformed = is_malformed(context.query, ask.request);
    co_return co_await serve(context, std::move(ask));
}

handler_result get_config(request_context& context) {
    return by_query(context, context.param("bot_id"));
}

handler_result get_config_by_query(request_context& context) {
    return by_query(context, std::string(context.query.get("bot_id").value_or("")));
}

handler_result post_config(request_context& context) {
    config_ask ask;
    ask.bot_id = context.param("bot_id");
    CXB_CO_TRY(wire::json_object body, context.object_body());
    if (auto const* event = body.if_contains("connected_event");
        event != nullptr && !event->is_null() && !event->is_object()) {
        ask.event_malformed = true;
        body.erase("connected_event");
    }
    CXB_CO_TRY(ask.request, rc::parse_config_request(wire::json_value(body)));
    co_return co_await serve(context, std::move(ask));
}

handler_result preview_config(request_context& context) {
    std::vector<std::string> ignored;
    wire::parse_options how;
    how.ignored = &ignored;
    CXB_CO_TRY(auto const body, parse_preview_request(context.request.body, how));
    if (!ignored.empty())
        context.answer_headers.set("X-CXB-Ignored-Fields", wire::ignored_fields_header(ignored));
    preview_ask ask;
    ask.bot_id = context.param("id");
    ask.base = context.internal_base;
    CXB_CO_TRY(ask.request, config_request_of(body));
    if (body.at) ask.at = *parse_timestamp_or_utc(*body.at);
    CXB_CO_TRY(auto shown,
               co_await context.service<api_services>().configs->preview(std::move(ask)));
    co_return server::json_response(200, std::move(shown));
}

constexpr server::query_parameter config_parameters[] = {
    {"caller_id", "The far party", "string", false, "+919876543210"},
    {"stream_id", "Key for a later CDR", "string", false, "st-996741fd"},
    {"connected_event", "Call variables, a JSON object", "string", false,
     "{\"CUSTOMERID\":\"C9\"}"},
    {"transport", "How the media travels", "string", false, "websocket"},
    {"fetch_id", "UUID; the same one gives the same call", "string", false,
     "01a2022d-32b9-7149-85cc-40025582ba11"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/config/{bot_id}",
     .who = access::core_secret,
     .handler = &get_config,
     .summary = "Runtime config of one call; creates the call",
     .response_schema = &rc::runtime_config_schema,
     .query = config_parameters,
     .doc = get_config_doc},
    {.method = "POST",
     .pattern = "/api/v1/config/{bot_id}",
     .who = access::core_secret,
     .handler = &post_config,
     .summary = "The same with the request as a body, for long variables",
     .body_limit = limits::call_start_body,
     .request_schema = &rc::config_request_schema,
     .response_schema = &rc::runtime_config_schema,
     .doc = post_config_doc},
    {.method = "GET",
     .pattern = "/api/v1/config",
     .who = access::core_secret,
     .handler = &get_config_by_query,
     .summary = "The same with the bot in the query",
     .response_schema = &rc::runtime_config_schema,
     .query = config_parameters,
     .doc = get_config_by_query_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/preview-config",
     .who = access::admin,
     .handler = &preview_config,
     .summary = "What a worker would get, secrets masked; writes nothing",
     .body_limit = limits::call_start_body,
     .request_schema = &preview_request_schema,
     .response_schema = &preview_schema,
     .doc = preview_config_doc},
};

}  // namespace

std::span<server::route const> config_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
