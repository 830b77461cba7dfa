#include "server/api/widget/widget_routes.hpp"

#include <algorithm>

#include "server/api/bots/web_origin.hpp"
#include "server/api/services.hpp"
#include "server/api/widget/widget_calls.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::request_context;

constexpr std::size_t test_bytes = 6;  // 12 hex digits

store::async<bot_ptr> known_bot(api_services const& api, std::string bot_id) {
    CXB_CO_CHECK(co_await api.bots->catch_up(bot_id));
    auto bot = api.bots->find(bot_id);
    if (!bot) co_return error{errc::not_found, "Bot not found"};
    co_return bot;
}

result<void> check_key(bot_entry const& bot, std::string_view sent) {
    auto const own = wire::text_at(bot.stored, "widget_api_key");
    bool const same = equal_constant_time(own, sent);
    if (same && !own.empty()) return {};
    return error{errc::unauthenticated, "Invalid widget key"};
}

// A page without an origin (a file, a sandboxed frame, no browser at all) is none of those listed.
result<void> check_origin(bot_entry const& bot, std::string_view sent) {
    auto const& allowed = bot.bot.widget_allowed_origins;
    auto const origin = web_origin(sent);
    bool const listed = origin && std::ranges::any_of(allowed, [&](std::string const& one) {
                            return web_origin(one) == origin;
                        });
    if (allowed.empty() || listed) return {};
    return error{errc::forbidden, "Origin not allowed"};
}

wire::http_response made(widget_token const& token) {
    auto out = server::json_response(201, serialize(token));
    out.headers.set("Cache-Control", "no-store");
    return out;
}

handler_result post_widget_token(request_context& context) {
    auto const& api = context.service<api_services>();
    CXB_CO_TRY(auto const body, parse_widget_token_request(context.request.body));
    CXB_CO_TRY(bot_ptr const bot, co_await known_bot(api, body.bot_id));
    CXB_CO_CHECK(check_key(*bot, body.api_key));
    CXB_CO_CHECK(check_origin(*bot, context.request.headers.get("Origin")));
    CXB_CO_TRY(auto const token, co_await start_widget_call(api, bot, {}));
    co_return made(token);
}

handler_result post_browser_test(request_context& context) {
    auto const& api = context.service<api_services>();
    CXB_CO_TRY(bot_ptr const bot, co_await known_bot(api, context.param("id")));
    std::string const test_id =
        std::string(browser_test_prefix) + random_hex(*api.random, test_bytes);
    CXB_CO_TRY(auto token, co_await start_widget_call(api, bot, test_id));
    token.test_id = test_id;
    co_return made(token);
}

constexpr server::route_error token_errors[] = {
    {401, "unauthenticated", "not the bot's widget key, or it has none"},
    {403, "forbidden", "the page's origin is not among the bot's widget_allowed_origins"},
    {404, "not_found", "no such bot"},
    {500, "internal", "LiveKit has a URL but no key"},
    {503, "unavailable", "the bot is closed, no LiveKit, no fleet, or no worker took the call"},
};
constexpr server::route_error test_errors[] = {
    {500, "internal", "LiveKit has a URL but no key"},
    {503, "unavailable", "the bot is closed, no LiveKit, no fleet, or no worker took the call"},
};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/widget/token",
     .who = access::public_,
     .handler = &post_widget_token,
     .summary = "Let the visitor of a website talk to a bot",
     .request_schema = &widget_token_request_schema,
     .response_schema = &widget_token_schema,
     .success = 201,
     .rate = server::rate_class::by_address,
     .deadline = server::no_deadline,
     .any_origin = true,
     .doc = {.description =
                 "Called by the page itself, from any origin unless the bot lists its own. A "
                 "worker is put into a new room first; the token opens that room alone, for an "
                 "hour.",
             .request_example = R"({"bot_id":"65f000000000000000000001",)"
                                R"("api_key":"wk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"})",
             .response_example = R"({"server_url":"wss://livekit.example.com",)"
                                 R"("participant_token":"eyJhbGciOiJIUzI1NiJ9.e30.c2ln"})",
             .errors = token_errors}},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/browser-test",
     .who = access::admin,
     .handler = &post_browser_test,
     .summary = "Talk to a bot from the browser, for a trial",
     .response_schema = &widget_token_schema,
     .success = 201,
     .deadline = server::no_deadline,
     .doc = {.description =
                 "As the web widget, without a key. The call counts as a test, and stands in the "
                 "list of calls under test_id as its caller_id.",
             .response_example = R"({"server_url":"wss://livekit.example.com",)"
                                 R"("participant_token":"eyJhbGciOiJIUzI1NiJ9.e30.c2ln",)"
                                 R"("test_id":"browser-test-0a1b2c3d4e5f"})",
             .errors = test_errors}},
};

}  // namespace

std::span<server::route const> widget_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
