#include "server/api/bots/bot_answers.hpp"
#include "server/api/bots/bot_docs.hpp"
#include "server/api/bots/bot_routes.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/api/bots/bot_variables.hpp"
#include "server/api/config/config_service.hpp"
#include "server/api/fleet/media_base.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
using wire::json_object;

handler_result get_wss_url(request_context& context) {
    CXB_CO_TRY(bot_ptr const bot, co_await bots_of(context).read(context.param("id")));
    std::string const base = media_base(context.service<api_services>());
    co_return json_response(200, json_object{{"wss_url", base + "/ws/" + bot->id},
                                             {"exotel_url", base + "/exotel/" + bot->id}});
}

handler_result get_variables(request_context& context) {
    CXB_CO_TRY(bot_ptr const bot, co_await bots_of(context).read(context.param("id")));
    co_return json_response(200, wire::json_value(variables_of(bot_content(bot->stored))));
}

handler_result make_widget_key(request_context& context) {
    CXB_CO_TRY(std::string const key, co_await bots_of(context).make_widget_key(
                                          context.param("id"), audit_actor::of(context)));
    co_return json_response(201, json_object{{"widget_api_key", key}});
}

handler_result end_widget_key(request_context& context) {
    CXB_CO_CHECK(
        co_await bots_of(context).end_widget_key(context.param("id"), audit_actor::of(context)));
    co_return server::deleted_response();
}

store::async<bool> some_call_read(store::document_store& store, std::string bot_id,
                                  std::string version) {
    auto where = store::all_of({store::eq("post_call_cache_worked", wire::json_value(version)),
                                store::eq("bot_id", wire::json_value(bot_id))});
    CXB_CO_TRY(auto const found, co_await store.count(server::model::calls, std::move(where), 1));
    co_return found > 0;
}

handler_result step_post_call_cache(request_context& context, cache_step step) {
    auto const& api = context.service<api_services>();
    CXB_CO_TRY(saved_bot const saved, co_await bots_of(context).set_post_call_cache(
                                          context.param("id"), step, audit_actor::of(context)));
    auto const& bot = *saved.bot;
    auto const at = [&](char const* path) {
        auto const* const found = wire::find_path(bot.stored, path);
        return found != nullptr ? *found : wire::json_value();
    };
    json_object out{{"enabled", bot.bot.post_call_cache.enabled},
                    {"version", nullptr},
                    {"version_override", bot.bot.post_call_cache.version_override},
                    {"ready", false},
                    {"refreshed_at", at("post_call_cache_state.refreshed_at")},
                    {"refreshed_by", at("post_call_cache_state.refreshed_by")}};
    // A bot without a model is served to nobody, so there is no version yet.
    if (auto const version = api.configs->post_call_cache_version(saved.bot)) {
        out["version"] = *version;
        CXB_CO_TRY(bool const ready, co_await some_call_read(*api.store, bot.id, *version));
        out["ready"] = ready;
    }
    co_return json_response(200, std::move(out));
}

handler_result enable_post_call_cache(request_context& context) {
    return step_post_call_cache(context, cache_step::enable);
}

handler_result disable_post_call_cache(request_context& context) {
    return step_post_call_cache(context, cache_step::disable);
}

handler_result refresh_post_call_cache(request_context& context) {
    return step_post_call_cache(context, cache_step::refresh);
}

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/bots/{id}/wss-url",
     .who = access::admin,
     .handler = &get_wss_url,
     .summary = "Where media WebSockets and Exotel reach this bot",
     .response_schema = &wss_url_schema,
     .doc = get_wss_url_doc},
    {.method = "GET",
     .pattern = "/api/v1/bots/{id}/variables",
     .who = access::admin,
     .handler = &get_variables,
     .summary = "Tokens that the bot's texts hold, and where",
     .response_schema = &server::list_schema<&bot_variable_schema>,
     .doc = get_variables_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/widget-key",
     .who = access::admin,
     .handler = &make_widget_key,
     .summary = "New key of the web widget; the former one ends",
     .response_schema = &widget_key_schema,
     .success = 201,
     .doc = make_widget_key_doc},
    {.method = "DELETE",
     .pattern = "/api/v1/bots/{id}/widget-key",
     .who = access::admin,
     .handler = &end_widget_key,
     .summary = "End the web widget of this bot",
     .response_schema = &server::deleted_schema,
     .doc = end_widget_key_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/post-call-cache/enable",
     .who = access::admin,
     .handler = &enable_post_call_cache,
     .summary = "Let providers cache the post-call prompts",
     .response_schema = &post_call_cache_schema,
     .doc = enable_post_call_cache_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/post-call-cache/disable",
     .who = access::admin,
     .handler = &disable_post_call_cache,
     .summary = "Send the post-call prompts uncached",
     .response_schema = &post_call_cache_schema,
     .doc = disable_post_call_cache_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/post-call-cache/refresh",
     .who = access::admin,
     .handler = &refresh_post_call_cache,
     .summary = "Give the cached post-call prompts a new version",
     .response_schema = &post_call_cache_schema,
     .doc = refresh_post_call_cache_doc},
};

}  // namespace

std::span<server::route const> bot_action_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
