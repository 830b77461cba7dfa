#include "server/api/push/integration_test.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/domain/call_variables.hpp"
#include "cxb/domain/masking.hpp"
#include "cxb/domain/system_variables.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/config/crm_prefetch.hpp"
#include "server/api/config/crm_request.hpp"
#include "server/api/push/push_request.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

constexpr char const* hidden = "••••••••";
constexpr seconds made_up_duration{42};

struct trial {
    bot_ptr bot;
    integration_test_request asked;
    std::string base;
    time_point now;
    json_object call;  ///< stored or made up, with the variables laid over its own

    [[nodiscard]] bool is_push() const { return asked.kind == push_test; }
    [[nodiscard]] post_call_push_block const& push() const { return *bot->bot.post_call_push; }
    [[nodiscard]] pre_call_fetch_block const& fetch() const { return *bot->bot.pre_call_fetch; }
    [[nodiscard]] outbound_auth const& auth() const {
        return is_push() ? push().auth : fetch().auth;
    }
};

// How one exchange went.
struct exchange {
    int status = 0;  ///< 0: nobody answered
    std::string body;
    milliseconds took{0};
    std::string error;
};

result<void> check_block(bot_entry const& bot, std::string_view kind) {
    bool const push = kind == push_test;
    if (push ? bot.bot.post_call_push.has_value() : bot.bot.pre_call_fetch.has_value()) return {};
    return error{errc::conflict,
                 push ? "No post-call push configured" : "No pre-call fetch configured"}
        .with_reason("not_configured");
}

json_object made_up_call(bot_entry const& bot, time_point now, random_source& random) {
    auto const began = now - made_up_duration;
    return {{"session_id", "test-" + make_uuid7(now, random)},
            {"bot_id", bot.id},
            {"bot_name", bot.bot.name},
            {"call_type", "bot"},
            {"call_direction", "outbound"},
            {"status", "completed"},
            {"disconnected_by", "customer"},
            {"call_duration_seconds", made_up_duration.count()},
            {"is_test", true},
            {"created_at", format_timestamp(began)},
            {"completed_at", format_timestamp(now)}};
}

store::async<json_object> call_of(api_services const& api, trial const& at) {
    if (!at.asked.session_id) co_return made_up_call(*at.bot, at.now, *api.random);
    CXB_CO_TRY(auto found,
               co_await api.store->find_one(model::calls, model::of_session(*at.asked.session_id)));
    if (!found) co_return invalid_member("/session_id", "no such call");
    if (wire::text_at(*found, "bot_id") != at.bot->id)
        co_return invalid_member("/session_id", "is a call of another bot");
    if (is_redacted(*found))
        co_return error{errc::conflict, "Call is redacted"}.with_reason("redacted");
    co_return *std::move(found);
}

json_object member_object(json_object const& of, std::string_view name) {
    auto const* found = of.if_contains(name);
    return found != nullptr && found->is_object() ? found->get_object() : json_object{};
}

// Given variables stand where a worker's would: over those of the call, and in `crm.*` as ever.
void lay_variables_over(json_object& call, json_object const& variables) {
    auto event = member_object(call, "connected_event");
    domain::overlay(event, variables);
    auto crm = member_object(call, "crm_data");
    domain::overlay(crm, domain::effective_crm(variables, nullptr, nullptr));
    call["connected_event"] = std::move(event);
    call["crm_data"] = std::move(crm);
}

client::outgoing_request fetch_request(trial const& at) {
    auto const event = member_object(at.call, "connected_event");
    auto const text = [&](char const* name) { return std::string(wire::text_at(at.call, name)); };
    prefetch_ids const ids{text("caller_id"), at.bot->id, text("session_id")};
    auto const* rules = at.bot->stored.if_contains("sip_header_config");
    auto const headers =
        domain::select_sip_headers(member_object(at.call, "sip_headers_raw"),
                                   rules != nullptr ? domain::sip_header_rules(*rules)
                                                    : std::vector<domain::sip_header_rule>{});
    call_namespaces names;
    names.call = domain::call_namespace(event, headers.variables,
                                        {ids.caller_id, text("stream_id"), ids.session_id});
    names.crm = domain::effective_crm(event, nullptr, nullptr);
    names.system = domain::system_variables(at.now, domain::time_zone_or_utc(at.bot->bot.timezone));
    return prefetch_request(at.fetch(), names, ids);
}

result<client::outgoing_request> request_of(trial const& at, secret const& bearer,
                                            random_source& random) {
    client::outgoing_request out;
    if (at.is_push()) {
        CXB_TRY(auto const push, render_push(at.push(), at.call, *at.bot, at.base, at.now, random));
        CXB_TRY(out, push_attempt(push, *at.bot, at.call, at.now, bearer));
    } else {
        out = fetch_request(at);
    }
    out.message.headers.set("X-CXB-Test", "1");
    return out;
}

// The id of a push is no secret, although its header's name says `Key`.
bool is_hidden(std::string_view name, trial const& at) {
    if (at.is_push() && iequals(name, "Idempotency-Key")) return false;
    bool const by_auth = at.auth().type == "api_key" && iequals(name, at.auth().header);
    return by_auth || domain::is_secret_header(name);
}

void show_body(json_object& out, std::string_view body) {
    if (!is_utf8(body)) {
        out["body"] = "<" + std::to_string(body.size()) + " bytes>";
        return;
    }
    out["body"] = utf8_prefix(body, shown_body_bytes);
    if (body.size() > shown_body_bytes) out["truncated"] = true;
}

json_object shown_request(client::outgoing_request const& request, trial const& at) {
    json_object headers;
    for (auto const& [name, value] : request.message.headers.items())
        headers[name] = is_hidden(name, at) ? json_value(hidden) : json_value(value);
    json_object out{
        {"method", request.message.method}, {"url", request.url}, {"headers", std::move(headers)}};
    show_body(out, request.message.body);
    return out;
}

std::string fault_of(trial const& at, wire::http_response const& answer) {
    if (answer.status < 200 || answer.status >= 300)
        return "status_" + std::to_string(answer.status);
    return at.is_push() ? std::string() : prefetch_fault(at.fetch(), answer.bytes());
}

store::async<void> audit_sending(api_services const& api, trial const& at, audit_actor actor) {
    audited_write what;
    what.entry = {"integration.test", "bot", at.bot->id, at.bot->bot.name, {}};
    what.entry.changes.push_back({"kind", nullptr, json_value(at.asked.kind)});
    if (at.asked.session_id)
        what.entry.changes.push_back({"session_id", nullptr, json_value(*at.asked.session_id)});
    co_return co_await api.audit->commit(std::move(actor), std::move(what));
}

boost::asio::awaitable<exchange> send(api_services const& api, trial const& at,
                                      client::outgoing_request request) {
    client::transport_options how;
    how.total = at.is_push() ? milliseconds(at.push().timeout_seconds) : at.fetch().timeout_ms;
    how.connect = std::min(how.connect, how.total);
    how.max_response_bytes = max_prefetch_answer;
    auto const began = api.time->steady();
    auto got = co_await api.guarded->send(std::move(request), how);
    exchange out;
    out.took = std::chrono::duration_cast<milliseconds>(api.time->steady() - began);
    if (got) {
        out.error = fault_of(at, *got);
        out.status = got->status;
        out.body = got->bytes();
    } else {
        // Also of an answer that was not read on: a redirect, or one that is too long.
        out.error = crm_fault_word(got.error());
        out.status = got.error().status();
    }
    co_return out;
}

// A token of its own, not one that is kept: the credentials are what is tried.
store::async<secret> fresh_token(api_services const& api, trial const& at) {
    auto client = at.is_push() ? oauth_client_of(*at.bot) : std::nullopt;
    if (!client) co_return secret{};
    oauth_tokens tokens(*api.guarded, *api.time);
    co_return co_await tokens.get(*std::move(client), at.push().timeout_seconds);
}

store::async<json_object> send_and_show(api_services const& api, trial const& at,
                                        json_object shown) {
    auto const token = co_await fresh_token(api, at);
    if (!token) {
        shown["error"] = token.error().reason();
        co_return shown;
    }
    CXB_CO_TRY(auto request, request_of(at, *token, *api.random));
    shown["request"] = shown_request(request, at);
    auto const went = co_await send(api, at, std::move(request));
    if (went.status != 0) {
        json_object response{{"status", went.status}, {"ms", went.took.count()}};
        show_body(response, went.body);
        shown["response"] = std::move(response);
    }
    if (!went.error.empty()) shown["error"] = went.error;
    co_return shown;
}

}  // namespace

store::async<json_object> test_integration(api_services const& api, std::string bot_id,
                                           integration_test_request asked, std::string base,
                                           audit_actor actor) {
    trial at;
    CXB_CO_TRY(at.bot, co_await api.bots->read(std::move(bot_id)));
    CXB_CO_CHECK(check_block(*at.bot, asked.kind));
    at.asked = std::move(asked);
    at.base = std::move(base);
    at.now = api.time->now();
    CXB_CO_TRY(at.call, co_await call_of(api, at));
    lay_variables_over(at.call, at.asked.variables.to_object());
    // What stands for the token that a sending would ask for.
    secret const stand_in(at.is_push() && oauth_client_of(*at.bot) ? hidden : "");
    CXB_CO_TRY(auto const request, request_of(at, stand_in, *api.random));
    json_object shown{{"request", shown_request(request, at)}};
    if (at.asked.dry_run) co_return shown;
    CXB_CO_CHECK(co_await audit_sending(api, at, std::move(actor)));
    co_return co_await send_and_show(api, at, std::move(shown));
}

}  // namespace cxb::api
