#include "cli/conformance/api_kit.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"

namespace cxb::cli::conformance {

namespace {

constexpr std::chrono::seconds push_patience{20};
constexpr std::string_view results_target = "/api/v1/call-results";

// A day of the week that is not near: whatever the zone, it is not today.
wire::json_object never_open(time_point now) {
    constexpr std::string_view days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    auto const weekday =
        std::chrono::weekday{std::chrono::floor<std::chrono::days>(now)}.iso_encoding();
    return {{"enabled", true},
            {"days", wire::json_array{days[(weekday - 1 + 3) % 7]}},
            {"start_time", "00:00"},
            {"end_time", "00:01"}};
}

wire::json_object provider_block(std::string_view provider) {
    return {{"provider", provider}, {"model", "conformance"}, {"api_key", "conformance"}};
}

error cannot_run(std::string why) {
    return error{errc::unavailable, std::move(why)};
}

}  // namespace

api_kit::api_kit(client::transport& transport, api_options options)
    : http_(transport), options_(std::move(options)), host_(options_.listen) {
    while (options_.url.ends_with('/'))
        options_.url.pop_back();
}

result<void> api_kit::prepare() {
    CXB_CHECK(host_.start());
    auto const alive = send(as::nobody, "GET", "/health");
    if (alive.status != 200)
        return cannot_run("No control plane answers at " + options_.url +
                          "/health: " + alive.summary());
    auto const known = send(as::core, "POST", "/api/v1/cdr", wire::json_object{});
    if (known.status == 403)
        return cannot_run(
            "The API refuses the core secret; name the variable that holds it by "
            "--secret-env");
    CXB_CHECK(sign_in());
    if (options_.bearer.empty()) {
        bot_ = options_.bot_id;
        no_bot_ = "no bot: give --bot-id, or an admin's CXB_TOKEN";
        return {};
    }
    auto own = make_bot({});
    own_bot_ = own.has_value();
    bot_ = own ? *own : options_.bot_id;
    if (!own) no_bot_ = "no bot could be made: " + own.error().detail();
    if (auto closed = make_bot({{"active_hours", never_open(real_clock().now())}}))
        closed_bot_ = *std::move(closed);
    (void)take_exchanges();
    return {};
}

result<void> api_kit::sign_in() {
    if (!options_.bearer.empty() || options_.email.empty()) return {};
    auto const got = send(
        as::nobody, "POST", "/api/v1/auth/login",
        wire::json_object{{"email", options_.email}, {"password", options_.password.reveal()}});
    options_.bearer = secret(got.text_at("access_token"));
    if (!options_.bearer.empty()) return {};
    return cannot_run("Signing in as " + options_.email + " failed: " + got.summary());
}

result<std::string> api_kit::make_bot(wire::json_object changes) {
    wire::json_object bot{
        {"name", "conformance " + new_uuid7()},
        {"system_prompt", "Customer [{{CUSTOMER}}] linked to [{{_campaign_id}}]."},
        {"opening_message", "Hello {{CUSTOMER}}."},
        {"stt", provider_block("openai")},
        {"llm", provider_block("openai")},
        {"tts", provider_block("openai")},
        {"post_call_push",
         wire::json_object{{"url", host_.url() + "/push"},
                           {"key_mapper", wire::json_object{{"session", "{{call.session_id}}"}}}}}};
    for (auto const& [name, value] : changes)
        bot[name] = value;
    auto got = send(as::admin, "POST", "/api/v1/bots", bot);
    if (got.status == 422) {
        // An API that reaches no private addresses refuses the kit's own as a push target.
        bot.erase("post_call_push");
        got = send(as::admin, "POST", "/api/v1/bots", bot);
    }
    CXB_CHECK(expect_status(got, {201, 200}));
    to_delete_.push_back("/api/v1/bots/" + percent_encode(got.text_at("id")));
    return got.text_at("id");
}

void api_kit::clean_up() {
    if (fleet_before_) (void)put_fleet(*std::exchange(fleet_before_, std::nullopt));
    for (auto const& target : to_delete_)
        (void)send(as::admin, "DELETE", target);
    to_delete_.clear();
    (void)take_exchanges();
}

std::string api_kit::missing(need one) const {
    switch (one) {
        case need::admin:
            return options_.bearer.empty()
                       ? "needs an admin: CXB_TOKEN, cxb login, or --email with CXB_ADMIN_PASSWORD"
                       : "";
        case need::bot:
            return bot_.empty() ? no_bot_ : "";
        case need::fleet:
            return options_.fleet ? ""
                                  : "needs --fleet: the kit becomes the only host for a moment";
        case need::livekit:
            return options_.livekit_key.empty() ? "needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
                                                : "";
        default:
            return {};
    }
}

ask api_kit::prepared(as who, std::string method, std::string const& target, std::string body,
                      wire::header_list extra) const {
    ask out;
    out.method = std::move(method);
    out.url = options_.url + target;
    out.body = std::move(body);
    if (who == as::core)
        contract::shared_secret::add_headers(out.headers, {options_.core_secret, {}});
    if (who == as::admin) out.headers.set("Authorization", "Bearer " + options_.bearer.reveal());
    if (who == as::key) out.headers.set("X-API-Key", key_);
    for (auto const& [name, value] : extra.items())
        out.headers.set(name, value);
    return out;
}

answer api_kit::send(as who, std::string method, std::string const& target, std::string body,
                     wire::header_list extra) {
    return http_.send(prepared(who, std::move(method), target, std::move(body), std::move(extra)));
}

answer api_kit::send(as who, std::string method, std::string const& target,
                     wire::json_object const& body, wire::header_list extra) {
    return send(who, std::move(method), target, wire::to_text(body), std::move(extra));
}

std::string api_kit::new_session() {
    return "conformance-" + new_uuid7();
}

answer api_kit::fetch_config(std::string const& session, wire::json_object event,
                             wire::query_list query, std::string const& bot) {
    if (!session.empty()) event["_campaign_session_id"] = session;
    query.add("connected_event", wire::to_text(event));
    return send(
        as::core, "GET",
        "/api/v1/config/" + percent_encode(bot.empty() ? bot_ : bot) + "?" + query.to_text());
}

result<std::string> api_kit::open_call(wire::json_object event, wire::query_list query) {
    auto session = new_session();
    CXB_CHECK(expect_status(fetch_config(session, std::move(event), std::move(query)), {200}));
    return session;
}

answer api_kit::post_result(wire::json_object const& result) {
    return send(as::core, "POST", std::string(results_target), result);
}

result<answer> api_kit::stored_result(wire::json_object const& result) {
    auto got = post_result(result);
    CXB_CHECK(expect_status(got, {200}));
    CXB_CHECK(expect_text(got.object(), "status", "ok"));
    CXB_CHECK(expect_text(got.object(), "session_id", wire::text_at(result, "session_id")));
    return got;
}

result<wire::json_object> api_kit::call(std::string const& session) {
    auto const got = send(as::admin, "GET", "/api/v1/calls/" + percent_encode(session));
    CXB_CHECK(expect_status(got, {200}));
    return got.object();
}

wire::json_object api_kit::full_result(std::string const& session) const {
    return {{"session_id", session},
            {"result_id", new_uuid7()},
            {"result_seq", 1},
            {"bot_id", bot_},
            {"worker_id", "conformance/1"},
            {"call_direction", "outbound"},
            {"call_duration_seconds", 42.5},
            {"disconnected_by", "customer"},
            {"transcript",
             wire::json_array{wire::json_object{{"role", "assistant"}, {"content", "Hello"}},
                              wire::json_object{{"role", "user"}, {"content", "Yes"}}}},
            {"post_call_analysis", wire::json_object{{"DISPOSITION", "PTP"}}}};
}

bool api_kit::sees_pushes() {
    if (sees_pushes_) return *sees_pushes_;
    sees_pushes_ = false;
    if (!own_bot_) return false;
    auto const session = open_call();
    if (!session || !stored_result(full_result(*session))) return false;
    sees_pushes_ = host_.wait_until([&] { return host_.pushes(*session) > 0; }, push_patience);
    return *sees_pushes_;
}

result<int> api_kit::settled_pushes(std::string const& session) {
    CXB_CHECK(expect(host_.wait_until([&] { return host_.pushes(session) > 0; }, push_patience),
                     "no push of " + session + " came"));
    CXB_TRY(auto const later, open_call());
    CXB_TRY(auto const taken, stored_result(full_result(later)));
    CXB_CHECK(expect(host_.wait_until([&] { return host_.pushes(later) > 0; }, push_patience),
                     "no push of " + later + " came: " + taken.summary()));
    return host_.pushes(session);
}

result<void> api_kit::remember_fleet() {
    if (fleet_before_) return {};
    auto const got = send(as::admin, "GET", "/api/v1/settings");
    if (got.status == 403) return skips("the fleet needs the token of a super_admin");
    CXB_CHECK(expect_status(got, {200}));
    auto const* const urls = got.object().if_contains("cxbcore_fleet");
    fleet_before_ = urls != nullptr && urls->is_array() ? urls->get_array() : wire::json_array{};
    return {};
}

result<void> api_kit::put_fleet(wire::json_array urls) {
    auto const got = send(as::admin, "PUT", "/api/v1/settings/fleet",
                          wire::json_object{{"cxbcore_fleet", std::move(urls)}});
    return expect_status(got, {200});
}

result<void> api_kit::become_fleet() {
    CXB_CHECK(remember_fleet());
    return put_fleet({wire::json_value(host_.url())});
}

result<void> api_kit::empty_fleet() {
    CXB_CHECK(remember_fleet());
    return put_fleet({});
}

result<std::string> api_kit::dialout_key() {
    if (!key_.empty()) return key_;
    auto const got = send(as::admin, "POST", "/api/v1/api-keys",
                          wire::json_object{{"name", "conformance " + new_uuid7()},
                                            {"scopes", wire::json_array{"dialout"}}});
    CXB_CHECK(expect_status(got, {201, 200}));
    key_ = got.text_at("key");
    to_delete_.push_back("/api/v1/api-keys/" + percent_encode(got.text_at("id")));
    return key_;
}

}  // namespace cxb::cli::conformance
