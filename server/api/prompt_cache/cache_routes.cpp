#include "server/api/prompt_cache/cache_routes.hpp"

#include "server/api/prompt_cache/live_prompt_caches.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {

namespace lookup = contract::lookup;

/// What the actions of a person answer.
struct live_cache_answer {
    bool enabled = false;
    cache_state state;
};
CXB_WIRE_DECLARE(live_cache_answer);

constexpr wire::field_row answer_rows[] = {
    wire::field<&live_cache_answer::enabled>("enabled").doc("Calls are to use a prompt cache."),
    wire::field<&live_cache_answer::state>("state").doc("What the provider holds."),
};
CXB_WIRE_TYPE(live_cache_answer,
              wire::table<live_cache_answer>("A bot's live prompt cache.", answer_rows))

namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

live_prompt_caches& caches_of(request_context const& context) {
    return *context.service<api_services>().prompt_caches;
}

handler_result switch_cache(request_context& context, bool on) {
    auto& bots = *context.service<api_services>().bots;
    CXB_CO_TRY(saved_bot const saved, co_await bots.set_live_prompt_cache(
                                          context.param("id"), on, audit_actor::of(context)));
    co_return json_response(200,
                            serialize(live_cache_answer{on, cache_state_of(saved.bot->stored)}));
}

handler_result enable_cache(request_context& context) {
    return switch_cache(context, true);
}

handler_result disable_cache(request_context& context) {
    return switch_cache(context, false);
}

handler_result refresh_cache(request_context& context) {
    CXB_CO_TRY(auto const state,
               co_await caches_of(context).refresh(context.param("id"), audit_actor::of(context)));
    co_return json_response(200, serialize(live_cache_answer{true, state}));
}

handler_result recreate_cache(request_context& context) {
    CXB_CO_TRY(auto asked, lookup::parse_cache_recreate_request(context.request.body));
    CXB_CO_TRY(auto const made,
               co_await caches_of(context).recreate(context.param("id"), std::move(asked)));
    co_return json_response(200, serialize(made));
}

constexpr std::string_view shown_ready =
    R"({"enabled":true,"state":{"provider":"google","model":"gemini-2.5-flash",)"
    R"("cache_name":"cachedContents/a1b2","static_version":"10dffe6735a30912","status":"ready",)"
    R"("created_at":"2026-06-05T01:30:02.000Z","expires_at":"2026-06-06T02:30:02.000Z",)"
    R"("refreshed_by":"admin@example.com"}})";
constexpr std::string_view shown_off =
    R"({"enabled":false,"state":{"provider":"google","model":"gemini-2.5-flash",)"
    R"("cache_name":"cachedContents/a1b2","static_version":"10dffe6735a30912","status":"ready",)"
    R"("created_at":"2026-06-05T01:30:02.000Z","expires_at":"2026-06-06T02:30:02.000Z",)"
    R"("refreshed_by":"prewarm"}})";
constexpr std::string_view shown_none =
    R"({"enabled":true,"state":{"provider":"","model":"","cache_name":"","static_version":"",)"
    R"("status":"none","refreshed_by":""}})";

constexpr server::route_error switch_errors[] = {
    {404, "not_found", "no such bot"},
    {409, "bot_locked", "a running campaign uses the bot"},
    {409, "conflict", "a conversation policy makes the prompt (not to disable)"},
};
constexpr server::route_error refresh_errors[] = {
    {404, "not_found", "no such bot"},
    {409, "conflict", "not enabled, a policy bot, or no static system prompt"},
    {502, "provider_error", "the provider did not make it; the detail says what it said"},
};
constexpr server::route_error recreate_errors[] = {
    {404, "not_found", "no such bot"},
    {409, "conflict", "the bot uses no cache of its provider"},
    {502, "provider_error", "the provider did not make it, or not within 20 s"},
};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/live-prompt-cache/enable",
     .who = access::admin,
     .handler = &enable_cache,
     .summary = "Let calls use a cached static prompt",
     .response_schema = &live_cache_answer_schema,
     .doc = {.description = "Counts as an edit of the bot. At providers that hold cache objects "
                            "(google, google_vertex) one is made in the background; the bot's "
                            "`live_prompt_cache_state` tells how far it is.",
             .response_example = shown_none,
             .errors = switch_errors}},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/live-prompt-cache/disable",
     .who = access::admin,
     .handler = &disable_cache,
     .summary = "Send the static prompt with each call again",
     .response_schema = &live_cache_answer_schema,
     .doc = {.description = "Counts as an edit of the bot. The cache is not served any more; the "
                            "daily cleanup deletes it at the provider and clears the state.",
             .response_example = shown_off,
             .errors = switch_errors}},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/live-prompt-cache/refresh",
     .who = access::admin,
     .handler = &refresh_cache,
     .summary = "Make a fresh cache now",
     .response_schema = &live_cache_answer_schema,
     .doc = {.description = "Is no edit, so a running campaign does not forbid it. Answers when "
                            "the provider has made the cache, at most after 20 s; the former one "
                            "ages out. A provider without cache objects is not asked: `none`.",
             .response_example = shown_ready,
             .errors = refresh_errors}},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/live-prompt-cache/recreate",
     .who = access::core_secret,
     .handler = &recreate_cache,
     .summary = "A worker found its cache gone",
     .request_schema = &lookup::cache_recreate_request_schema,
     .response_schema = &lookup::cache_recreated_schema,
     .doc = {.description = "Workers call the `recreate_url` of their config. A cache that is "
                            "good and not the named one is given at once; otherwise one is made, "
                            "and all who ask meanwhile get the same one.",
             .request_example = R"({"static_version":"10dffe6735a30912",)"
                                R"("cached_content_name":"cachedContents/a1b2"})",
             .response_example = R"({"cached_content_name":"cachedContents/c3d4",)"
                                 R"("static_version":"10dffe6735a30912",)"
                                 R"("expires_at":"2026-06-06T02:30:02.000Z"})",
             .errors = recreate_errors}},
};

}  // namespace

std::span<server::route const> prompt_cache_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
