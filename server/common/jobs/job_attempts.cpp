// Claiming one job and bringing it to an end.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/common/jobs/job_runner_state.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::server {
namespace {

using wire::json_value;

namespace asio = boost::asio;

// A lost lease takes the attempt along although the effect may not have happened, so some more are
// granted; a job that always loses it must end some time.
constexpr std::int64_t spare_attempts = 3;
constexpr int finish_tries = 5;
constexpr milliseconds finish_pause{250};
constexpr milliseconds unmet_pause{1000};

template <class Kinds>
store::condition any_kind(Kinds const& handlers) {
    wire::json_array kinds;
    for (auto const& each : handlers)
        kinds.emplace_back(each.first);
    return store::in("kind", std::move(kinds));
}

}  // namespace

asio::awaitable<void> wait_on(asio::steady_timer& timer, milliseconds time) {
    timer.expires_after(time);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

store::async<std::shared_ptr<claimed_job>> job_runner::state::take(store::filter due,
                                                                   store::update changes,
                                                                   std::string sort,
                                                                   time_point now) {
    changes.set("state", job_state::running)
        .set("lease_owner", json_value(options.owner))
        .set("lease_until", json_value(format_timestamp(now + options.lease)))
        .set("stamped_at", json_value(format_timestamp(now)))
        .inc("fence", 1)
        .inc("attempts", 1);
    std::vector<store::sort_key> order;
    order.push_back({std::move(sort), false});
    CXB_CO_TRY(auto row, co_await store.find_one_and_update(jobs, std::move(due),
                                                            std::move(changes), std::move(order)));
    if (!row) co_return nullptr;
    auto job = std::make_shared<claimed_job>();
    job->row = *std::move(row);
    job->id = wire::text_at(job->row, "_id");
    job->fence = wire::int_at(job->row, "fence");
    job->began = now;
    job->began_steady = time.steady();
    {
        std::lock_guard const lock(mutex);
        running.insert(job);
    }
    co_return job;
}

store::async<std::shared_ptr<claimed_job>> job_runner::state::claim(time_point now,
                                                                    bool look_for_expired) {
    json_value const moment(format_timestamp(now));
    if (look_for_expired) {
        auto due = store::all_of({store::eq("state", job_state::running),
                                  store::lt("lease_until", moment), any_kind(handlers)});
        auto note = store::update{}.push(
            "history",
            store::json_object{
                {"at", moment}, {"status", 0}, {"ms", 0}, {"error", "lease expired"}},
            job_history);
        CXB_CO_TRY(auto job, co_await take(std::move(due), std::move(note), "lease_until", now));
        if (job) {
            // After a crash there may be many: look for the next one at once.
            next_expiry_check = 0;
            co_return job;
        }
    }
    auto due = store::all_of(
        {store::eq("state", job_state::queued), store::lte("run_at", moment), any_kind(handlers)});
    co_return co_await take(std::move(due), {}, "run_at", now);
}

asio::awaitable<job_verdict> job_runner::state::attempt(job_context job) {
    job_verdict verdict;
    if (job.attempt() > job.max_attempts() + spare_attempts) {
        verdict = job_verdict::retry({}, 0, "lease lost too often");
    } else {
        CXB_FAIL_POINT("jobs.claimed");
        verdict = co_await handle(job);
    }
    bool const last = job.attempt() >= job.max_attempts();
    if (verdict.what == job_verdict::outcome::retry && last) {
        verdict.what = job_verdict::outcome::dead;
        auto const& given_up = handlers.at(std::string(job.kind())).given_up;
        if (given_up) given_up(job, verdict);
    }
    co_return verdict;
}

asio::awaitable<job_verdict> job_runner::state::handle(job_context job) {
    std::string thrown;
    try {
        co_return co_await handlers.at(std::string(job.kind())).handler(job);
    } catch (std::exception const& fault) {
        thrown = fault.what();
    }
    tell_fault("job " + std::string(job.id()) + " threw: " + thrown);
    co_return job_verdict::retry(std::nullopt, 0, "internal error");
}

asio::awaitable<void> job_runner::state::settle(job_context job, job_verdict verdict) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto const name = "job " + std::string(job.id());
    auto pause = finish_pause;
    for (int tries = 1; tries <= finish_tries && !job.lease_lost(); ++tries) {
        auto const done = co_await job.finish(verdict);
        if (done && *done == save_result::saved) {
            CXB_FAIL_POINT("jobs.settled");
            if (options.on_settled) options.on_settled(job.row());
            co_return;
        }
        if (done && *done == save_result::unmet) {
            // The handler decided on facts that have changed: it decides anew.
            verdict = job_verdict::put_back(time.now() + unmet_pause);
            continue;
        }
        if (done) break;
        tell_fault(name + " cannot be finished: " + done.error().to_log_text());
        co_await wait_on(timer, pause);
        pause *= 2;
    }
    tell_fault(name + ": its lease was lost or the store failed; it will run again");
}

asio::awaitable<void> job_runner::state::run(std::shared_ptr<claimed_job> job) {
    auto context = context_of(job);
    try {
        auto verdict = co_await attempt(context);
        if (verdict.what != job_verdict::outcome::settled)
            co_await settle(context, std::move(verdict));
        else if (options.on_settled)
            options.on_settled(context.row());
    } catch (std::exception const& fault) {
        tell_fault("job " + job->id + " threw at its end: " + fault.what());
    }
    forget(job);
}

void job_runner::state::forget(std::shared_ptr<claimed_job> const& job) {
    std::lock_guard const lock(mutex);
    running.erase(job);
}

bool job_runner::state::is_running(std::shared_ptr<claimed_job> const& job) const {
    std::lock_guard const lock(mutex);
    return running.contains(job);
}

std::vector<std::shared_ptr<claimed_job>> job_runner::state::running_jobs() const {
    std::lock_guard const lock(mutex);
    return {running.begin(), running.end()};
}

asio::awaitable<void> job_runner::state::renew(time_point now) {
    for (auto const& job : running_jobs())
        co_await renew_one(job, now + options.lease);
}

// One job's trouble must not keep the others from their renewal.
asio::awaitable<void> job_runner::state::renew_one(std::shared_ptr<claimed_job> job,
                                                   time_point until) {
    if (job->lost || !is_running(job)) co_return;
    try {
        auto const done = co_await context_of(job).renew(until);
        if (!done)
            tell_fault("lease of job " + job->id + " not renewed: " + done.error().to_log_text());
        else if (!*done && is_running(job))  // else it ended meanwhile
            tell_fault("lease of job " + job->id + " is lost");
    } catch (std::exception const& fault) {
        tell_fault("lease of job " + job->id + " not renewed: " + fault.what());
    }
}

asio::awaitable<void> job_runner::state::release_all() {
    for (auto const& job : running_jobs()) {
        if (job->lost) continue;
        auto context = context_of(job);
        auto const done = co_await context.release(time.now());
        if (!done)
            tell_fault("lease of job " + job->id +
                       " not given back: " + done.error().to_log_text());
    }
}

}  // namespace cxb::server
