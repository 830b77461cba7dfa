#include "server/api/push/push_handler.hpp"

#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/push/push_job.hpp"
#include "server/common/model/collections.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using server::job_verdict;
using wire::json_object;

constexpr int max_freezes = 5;
constexpr int unauthorised_status = 401;

// What an ended push leaves behind; nothing while it is tried again.
struct ending {
    char const* push_state = nullptr;
    char const* trace_name = nullptr;
};

ending ending_of(job_verdict const& verdict) {
    if (verdict.what == job_verdict::outcome::done) return {"delivered", "push_delivered"};
    if (verdict.what == job_verdict::outcome::dead) return {"dead", "push_dead"};
    return {};
}

}  // namespace

struct push_handler::attempt {
    server::job_context job;
    std::string session_id;
    json_object call;
    bot_ptr bot;
    integration_entry entry;
    std::optional<job_verdict> early;
};

store::async<frozen_push> push_handler::freeze(attempt& at) {
    for (int i = 0; i < max_freezes; ++i) {
        std::int64_t const rev = wire::int_at(at.job.payload(), "call_rev");
        // Read at each attempt: credentials are templates too and are added at each try.
        CXB_CO_TRY(auto call,
                   co_await store_.find_one(model::calls, model::of_session(at.session_id)));
        if (call) at.call = *std::move(call);
        if (is_redacted(at.call))
            co_return error{errc::conflict, "call is redacted"}.with_reason("redacted");
        if (auto const* frozen = at.job.row().if_contains("frozen_request");
            frozen != nullptr && frozen->is_object())
            co_return parse_frozen_push(frozen->as_object());
        if (at.call.empty()) co_return error{errc::not_found, "call is gone"};
        std::string const base(wire::text_at(at.job.payload(), "base"));
        CXB_CO_TRY(frozen_push const push, render_push(*at.bot->bot.post_call_push, at.call,
                                                       *at.bot, base, time_.now(), random_));
        // Bound to the content it rendered: a newer result meanwhile makes us render again.
        CXB_CO_TRY(
            auto const saved,
            co_await at.job.save(
                store::update{}.set("frozen_request", wire::json_value(to_json(push))),
                {store::eq("payload.call_rev", rev), store::missing("frozen_request.webhook_id")}));
        if (saved == server::save_result::saved) {
            CXB_FAIL_POINT("push.frozen");
            co_return push;
        }
        if (saved == server::save_result::lost)
            co_return error{errc::cancelled, "another worker has this job"};
    }
    co_return error{errc::unavailable, "the call keeps changing"};
}

void push_handler::add_writes(attempt& at, job_verdict& verdict) {
    auto const [state, trace_name] = ending_of(verdict);
    store::update call;
    call.inc("rev", 1);
    log_into(call, at.entry);
    if (state != nullptr) {
        auto told = call;
        told.set("push_state", state);
        verdict.together.update_if_any(
            model::calls, call_of_newest_push(at.session_id, at.job.id()), std::move(told));
    }
    // The document is long: it is written once, by whichever of the two meets it.
    verdict.together.update_if_any(model::calls,
                                   state == nullptr
                                       ? model::of_session(at.session_id)
                                       : call_of_newer_push(at.session_id, at.job.id()),
                                   std::move(call));
    if (state != nullptr) {
        domain::rollup_changes counts;
        count_push(counts, at.job.row(), server::job_state::running,
                   verdict.what == job_verdict::outcome::done ? server::job_state::done
                                                              : server::job_state::dead);
        add_rollups(verdict.together, counts);
    }
    trace_rows trace(at.session_id, "crm", time_.now());
    trace.add("push_attempt", {{"attempt", at.entry.attempt}, {"status", at.entry.status}},
              at.entry.took, at.entry.error);
    if (trace_name != nullptr) trace.add(trace_name);
    trace.into(verdict.together, random_);
}

job_verdict push_handler::hopeless(attempt& at, std::string reason) {
    auto verdict = sender_.hopeless(at.entry, std::move(reason));
    add_writes(at, verdict);
    return verdict;
}

// Who waits for a token has a place at its server: more would keep pushes to others from running.
store::async<secret> push_handler::token_for(attempt& at, oauth_client client, seconds at_most) {
    if (auto known = tokens_.known(client)) co_return *std::move(known);
    std::string const server = client.token_url;
    if (auto const busy = co_await sender_.enter(server)) {
        at.early = job_verdict::put_back(*busy);
        co_return secret{};
    }
    auto token = co_await tokens_.get(std::move(client), at_most);
    co_await sender_.leave(server);
    co_return token;
}

// Nothing: there was no exchange, and `at.early` says how the attempt ends.
asio::awaitable<std::optional<result<wire::http_response>>> push_handler::send_once(
    attempt& at, frozen_push const& push, secret& bearer) {
    seconds const timeout =
        at.bot->bot.post_call_push ? at.bot->bot.post_call_push->timeout_seconds : seconds{15};
    auto& entry = at.entry;
    entry.at = time_.now();
    if (auto client = oauth_client_of(*at.bot)) {
        auto const token = co_await token_for(at, *std::move(client), timeout);
        if (at.early) co_return std::nullopt;
        if (!token) {
            entry.error = token.error().reason();
            co_return token.error();
        }
        bearer = *token;
    }
    if (auto const busy = co_await sender_.enter(push.url)) {
        at.early = job_verdict::put_back(*busy);
        co_return std::nullopt;
    }
    auto request = push_attempt(push, *at.bot, at.call, entry.at, bearer);
    if (!request) {
        co_await sender_.leave(push.url);
        at.early = hopeless(at, "signing_secret_unreadable");
        co_return std::nullopt;
    }
    co_return co_await sender_.send(*std::move(request), timeout, entry);
}

asio::awaitable<job_verdict> push_handler::send(attempt& at, frozen_push const& push) {
    auto& entry = at.entry;
    entry.method = push.method;
    entry.url = push.url;
    entry.request = push.body;
    entry.form = push.headers.get("Content-Type") == push_form_type;
    secret bearer;
    auto answer = co_await send_once(at, push, bearer);
    // A target may end a token before its time. One other is tried at once, no more.
    if (answer && entry.status == unauthorised_status && !bearer.empty()) {
        tokens_.refuse(*oauth_client_of(*at.bot), bearer);
        entry.status = 0;
        entry.response.clear();
        answer = co_await send_once(at, push, bearer);
    }
    if (!answer) co_return *std::move(at.early);
    if (entry.status == gone_status) (void)co_await bots_.disable_push(at.bot->id);
    auto verdict = sender_.judge(at.job, *answer, entry);
    add_writes(at, verdict);
    co_return verdict;
}

push_handler::attempt push_handler::begin(server::job_context job) const {
    attempt at{std::move(job), {}, {}, nullptr, {}, {}};
    at.session_id = wire::text_at(at.job.row(), "session_id");
    at.entry.at = time_.now();
    at.entry.kind = "post_push";
    at.entry.attempt = static_cast<int>(at.job.attempt());
    at.entry.job_id = at.job.id();
    return at;
}

void push_handler::given_up(server::job_context const& job, job_verdict& verdict) {
    auto at = begin(job);
    verdict = hopeless(at, verdict.error);
}

asio::awaitable<job_verdict> push_handler::run(server::job_context job) {
    auto at = begin(std::move(job));
    std::string const bot_id(wire::text_at(at.job.row(), "bot_id"));
    auto const has_push = [&at] { return at.bot && at.bot->bot.post_call_push; };
    at.bot = bots_.find_any(bot_id);
    result<void> looked;
    // The job says that there is one: whoever wrote it may have known the bot better.
    if (!has_push()) looked = co_await bots_.reload(bot_id);
    at.bot = bots_.find_any(bot_id);
    if (looked && !has_push()) co_return hopeless(at, "no_push_config");
    auto const push = looked ? co_await freeze(at) : result<frozen_push>(looked.error());
    if (push) co_return co_await send(at, *push);
    auto const& cause = push.error();
    if (cause.code() == errc::cancelled) co_return job_verdict::settled();
    if (cause.code() == errc::unavailable || cause.code() == errc::deadline_exceeded)
        co_return job_verdict::put_back(time_.now() + host_gate::full_wait);
    co_return hopeless(at, std::string(cause.reason()));
}

}  // namespace cxb::api
