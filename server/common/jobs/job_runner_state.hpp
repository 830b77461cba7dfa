#pragma once
/// @file
/// The inside of `job_runner`: what its coroutines share and keep alive.

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <map>
#include <mutex>
#include <set>

#include "server/common/jobs/job_runner.hpp"

namespace cxb::server {

using job_strand = boost::asio::strand<boost::asio::any_io_executor>;

/// One claim loop. The members belong to the strand; `running` may be read by anybody.
struct job_worker {
    explicit job_worker(boost::asio::any_io_executor const& executor)
        : strand(executor), timer(strand) {}

    job_strand strand;
    boost::asio::steady_timer timer;
    std::atomic<unsigned> running{0};
    bool woken = false;

    void wake() {
        woken = true;
        timer.cancel();
    }
};

struct job_runner::state : std::enable_shared_from_this<state> {
    state(store::document_store& where, clock const& now, random_source& chance,
          job_options settings)
        : store(where), time(now), random(chance), options(std::move(settings)) {}

    store::document_store& store;
    clock const& time;
    random_source& random;
    job_options const options;
    struct job_kind {
        job_handler handler;
        job_given_up given_up;
    };
    std::map<std::string, job_kind, std::less<>> handlers;

    std::vector<std::shared_ptr<job_worker>> workers;
    std::shared_ptr<job_worker> keeper;  // renews leases
    std::atomic<std::size_t> next_woken{0};
    std::atomic<std::size_t> loops{0};
    std::atomic<bool> stopping{false};
    std::atomic<std::int64_t> next_expiry_check{0};  // ms of steady time
    std::atomic<std::int64_t> clock_offset{0};       // ms from steady to wall time, 0 not yet known
    std::atomic<bool> stepped{false};                // what a step asks for is still to be done
    int watch_id = 0;

    mutable std::mutex mutex;
    std::set<std::shared_ptr<claimed_job>> running;  // guarded by mutex

    /// The next due job, leased; null when none is due.
    store::async<std::shared_ptr<claimed_job>> claim(time_point now, bool look_for_expired);
    /// Runs one job to its end. Never throws.
    boost::asio::awaitable<void> run(std::shared_ptr<claimed_job> job);
    boost::asio::awaitable<void> renew(time_point now);
    boost::asio::awaitable<void> release_all();

    boost::asio::awaitable<void> work(std::shared_ptr<job_worker> me);
    boost::asio::awaitable<void> keep_leases(std::shared_ptr<job_worker> me);
    /// Lets one worker with room look for jobs, the first after the last woken. None has room:
    /// whoever ends a job then looks for the next.
    void wake_one();
    /// Is it time to look for leases that ran out? At most once a second.
    bool expiry_check_due();
    /// Compares wall and steady time; see job_clock.cpp.
    void look_at_clock(time_point now);
    /// What a step asks for, once for each.
    store::async<void> after_step();
    job_context context_of(std::shared_ptr<claimed_job> job) {
        return {std::move(job), store, time, random};
    }
    std::vector<std::shared_ptr<claimed_job>> running_jobs() const;
    bool is_running(std::shared_ptr<claimed_job> const& job) const;
    void tell_fault(std::string const& text) const {
        if (options.on_fault) options.on_fault(text);
    }

  private:
    store::async<std::shared_ptr<claimed_job>> take(store::filter due, store::update changes,
                                                    std::string sort, time_point now);
    boost::asio::awaitable<job_verdict> attempt(job_context job);
    boost::asio::awaitable<job_verdict> handle(job_context job);
    boost::asio::awaitable<void> settle(job_context job, job_verdict verdict);
    store::async<void> bring_back(std::string state, std::string field, time_point now);
    void start_job(std::shared_ptr<job_worker> const& me, std::shared_ptr<claimed_job> job);
    /// Claims and starts one job; false when there is none. Never throws.
    boost::asio::awaitable<bool> take_next(std::shared_ptr<job_worker> me);
    boost::asio::awaitable<void> renew_one(std::shared_ptr<claimed_job> job, time_point until);
    void forget(std::shared_ptr<claimed_job> const& job);
};

/// Waits on the timer of a worker until it ends or is cancelled.
boost::asio::awaitable<void> wait_on(boost::asio::steady_timer& timer, milliseconds time);

}  // namespace cxb::server
