#include "server/api/push/push_handler.hpp"

#include "cxb/domain/http_url.hpp"
#include "cxb/domain/retry_schedule.hpp"
#include "cxb/wire/retry_after.hpp"
#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/config/crm_request.hpp"
#include "server/api/push/push_job.hpp"
#include "server/common/model/collections.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using server::job_verdict;
using wire::json_object;

constexpr std::size_t max_answer = 64 * limits::kib;
constexpr int max_freezes = 5;

// The host answered, or we refused to ask it: neither speaks against the way to it.
bool is_transport_fault(error const& cause) {
    return cause.code() != errc::blocked && cause.code() != errc::too_large;
}

// Also of an answer whose body was too long to read: its status counts all the same.
int status_of(result<wire::http_response> const& answer) {
    return answer ? answer->status : answer.error().status();
}

}  // namespace

struct push_handler::attempt {
    server::job_context job;
    std::string session_id;
    json_object call;
    bot_ptr bot;
    integration_entry entry;
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
        if (saved == server::save_result::saved) co_return push;
        if (saved == server::save_result::lost)
            co_return error{errc::cancelled, "another worker has this job"};
    }
    co_return error{errc::unavailable, "the call keeps changing"};
}

void push_handler::add_writes(attempt& at, job_verdict& verdict, char const* state,
                              char const* trace_name) {
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
    at.entry.error = reason;
    auto verdict = job_verdict::dead(at.entry.status, std::move(reason));
    add_writes(at, verdict, "dead", "push_dead");
    metrics_.get_counter("cxb_push_total", {"dead"}).add();
    return verdict;
}

job_verdict push_handler::judge(attempt& at, result<wire::http_response> const& answer) {
    using domain::delivery_verdict;
    auto& entry = at.entry;
    entry.status = status_of(answer);
    if (answer) entry.response = std::string(answer->bytes());
    auto const verdict =
        answer ? domain::classify_status(answer->status) : domain::classify_failure(answer.error());
    entry.ok = verdict == delivery_verdict::delivered;
    if (!answer && !entry.ok) entry.error = crm_fault_word(answer.error());
    if (entry.ok) {
        auto done = job_verdict::done(entry.status);
        add_writes(at, done, "delivered", "push_delivered");
        metrics_.get_counter("cxb_push_total", {"delivered"}).add();
        return done;
    }
    if (entry.error.empty()) entry.error = "status_" + std::to_string(entry.status);
    auto const attempts = static_cast<int>(at.job.attempt());
    bool const last = at.job.attempt() >= at.job.max_attempts();
    if (verdict != delivery_verdict::retried || last) return hopeless(at, entry.error);
    milliseconds const wait = domain::next_wait(
        domain::push_retries(), attempts, random_,
        answer ? wire::retry_after(answer->headers, time_.now()) : std::nullopt, wait_scale_);
    entry.next_attempt_at = time_.now() + wait;
    auto again = job_verdict::retry(wait, entry.status, entry.error);
    add_writes(at, again, nullptr, nullptr);
    metrics_.get_counter("cxb_push_total", {"retried"}).add();
    return again;
}

asio::awaitable<job_verdict> push_handler::send(attempt& at, frozen_push const& push) {
    auto const url = domain::parse_http_url(push.url);
    std::string const host = url ? url->origin() : push.url;
    auto const busy = co_await gate_.enter(host);
    if (!busy) co_return job_verdict::put_back(time_.now() + host_gate::full_wait);
    if (*busy) co_return job_verdict::put_back(**busy);
    auto& entry = at.entry;
    entry.at = time_.now();
    entry.method = push.method;
    entry.url = push.url;
    entry.request = push.body;
    entry.form = push.headers.get("Content-Type") == push_form_type;
    auto request = push_attempt(push, *at.bot, at.call, entry.at);
    if (!request) {
        (void)co_await gate_.leave(host, true);
        co_return hopeless(at, "signing_secret_unreadable");
    }
    client::transport_options how;
    how.total =
        at.bot->bot.post_call_push ? at.bot->bot.post_call_push->timeout_seconds : seconds{15};
    how.connect = std::min(how.connect, how.total);
    how.max_response_bytes = max_answer;
    auto const began = time_.steady();
    auto const answer = co_await outbound_.send(*std::move(request), how);
    CXB_FAIL_POINT("push.sent");
    entry.took = std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    metrics_.get_histogram("cxb_push_seconds")
        .observe(std::chrono::duration<double>(entry.took).count());
    // The pause of a host is advice: losing a note about it must not change this delivery.
    (void)co_await gate_.leave(host, answer || !is_transport_fault(answer.error()));
    if (status_of(answer) == 410) (void)co_await bots_.disable_push(at.bot->id);
    co_return judge(at, answer);
}

asio::awaitable<job_verdict> push_handler::run(server::job_context job) {
    attempt at{std::move(job), {}, {}, nullptr, {}};
    at.session_id = wire::text_at(at.job.row(), "session_id");
    at.entry.at = time_.now();
    at.entry.kind = "post_push";
    at.entry.attempt = static_cast<int>(at.job.attempt());
    at.entry.job_id = at.job.id();
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
