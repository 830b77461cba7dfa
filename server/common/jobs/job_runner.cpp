#include "server/common/jobs/job_runner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "server/common/jobs/job_runner_state.hpp"

namespace cxb::server {

namespace asio = boost::asio;

namespace {

constexpr milliseconds stop_step{5};

}  // namespace

void job_runner::state::wake_one() {
    for (std::size_t tried = 0; tried < workers.size(); ++tried) {
        auto const chosen = workers[next_woken++ % workers.size()];
        if (chosen->running >= options.parallel) continue;
        asio::post(chosen->strand, [chosen] { chosen->wake(); });
        return;
    }
}

bool job_runner::state::expiry_check_due() {
    constexpr std::int64_t period = 1000;
    auto const moment = std::chrono::floor<milliseconds>(time.steady()).count();
    auto due = next_expiry_check.load();
    return moment >= due && next_expiry_check.compare_exchange_strong(due, moment + period);
}

void job_runner::state::start_job(std::shared_ptr<job_worker> const& me,
                                  std::shared_ptr<claimed_job> job) {
    ++me->running;
    asio::co_spawn(me->strand, run(std::move(job)),
                   [self = shared_from_this(), me](std::exception_ptr const&) {
                       bool const was_full = me->running-- == self->options.parallel;
                       if (was_full) me->wake();
                   });
}

asio::awaitable<bool> job_runner::state::take_next(std::shared_ptr<job_worker> me) {
    try {
        auto const now = time.now();
        look_at_clock(now);
        if (auto const done = co_await after_step(); !done)
            tell_fault("jobs not set to the new time: " + done.error().to_log_text());
        auto claimed = co_await claim(now, expiry_check_due());
        if (!claimed) {
            tell_fault("no jobs can be claimed: " + claimed.error().to_log_text());
        } else if (*claimed && stopping) {
            // Nobody may be left to wait for it: another process takes it at once.
            (void)co_await context_of(*claimed).finish(job_verdict::put_back(now));
            forget(*claimed);
        } else if (*claimed) {
            start_job(me, *std::move(claimed));
            co_return true;
        }
    } catch (std::exception const& fault) {
        tell_fault(std::string("claiming a job threw: ") + fault.what());
    }
    co_return false;
}

asio::awaitable<void> job_runner::state::work(std::shared_ptr<job_worker> me) {
    while (!stopping) {
        if (me->running < options.parallel) {
            me->woken = false;
            if (co_await take_next(me)) continue;
        } else if (std::exchange(me->woken, false)) {
            // A full worker passes the call on: there may be room with another.
            wake_one();
        }
        if (!me->woken && !stopping) co_await wait_on(me->timer, options.poll);
    }
}

asio::awaitable<void> job_runner::state::keep_leases(std::shared_ptr<job_worker> me) {
    while (!stopping) {
        co_await wait_on(me->timer, std::chrono::duration_cast<milliseconds>(options.lease) / 3);
        if (!stopping) co_await renew(time.now());
    }
}

job_runner::job_runner(store::document_store& store, clock const& time, random_source& random,
                       job_options options)
    : state_(std::make_shared<state>(store, time, random, std::move(options))) {}

job_runner::~job_runner() = default;

void job_runner::register_handler(std::string kind, job_handler handler, job_given_up given_up) {
    state_->handlers.insert_or_assign(std::move(kind),
                                      state::job_kind{std::move(handler), std::move(given_up)});
}

void job_runner::start(std::vector<asio::any_io_executor> executors) {
    auto const self = state_;
    auto const end = [self](std::exception_ptr const&) { --self->loops; };
    for (unsigned i = 0; i < self->options.workers; ++i)
        self->workers.push_back(std::make_shared<job_worker>(executors[i % executors.size()]));
    self->keeper = std::make_shared<job_worker>(executors.front());
    self->loops = self->workers.size() + 1;
    self->watch_id = self->store.watch(jobs, [weak = std::weak_ptr(self)] {
        if (auto const alive = weak.lock()) alive->wake_one();
    });
    for (auto const& each : self->workers)
        asio::co_spawn(each->strand, self->work(each), end);
    asio::co_spawn(self->keeper->strand, self->keep_leases(self->keeper), end);
}

asio::awaitable<void> job_runner::stop(milliseconds grace) {
    auto const self = state_;
    if (self->keeper == nullptr || self->stopping.exchange(true)) co_return;
    self->store.unwatch(self->watch_id);
    auto const wake = [](std::shared_ptr<job_worker> const& each) {
        asio::post(each->strand, [each] { each->wake(); });
    };
    for (auto const& each : self->workers)
        wake(each);
    wake(self->keeper);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto const end = std::chrono::steady_clock::now() + grace;
    while (self->loops != 0 || running() != 0) {
        if (std::chrono::steady_clock::now() >= end) break;
        co_await wait_on(timer, stop_step);
    }
    co_await self->release_all();
}

store::async<std::size_t> job_runner::run_once(time_point now) {
    auto const self = state_;
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer all_ended(executor, asio::steady_timer::time_point::max());
    std::size_t open = 0;
    std::size_t started = 0;
    std::optional<error> failed;
    self->look_at_clock(self->time.now());
    CXB_CO_CHECK(co_await self->after_step());
    while (started < self->options.parallel) {
        auto claimed = co_await self->claim(now, true);
        if (!claimed) failed = claimed.error();
        if (!claimed || !*claimed) break;
        ++started;
        ++open;
        asio::co_spawn(executor, self->run(*std::move(claimed)), [&](std::exception_ptr const&) {
            if (--open == 0) all_ended.cancel();
        });
    }
    while (open != 0) {
        boost::system::error_code ignored;
        co_await all_ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (started == 0 && failed) co_return *failed;
    co_return started;
}

asio::awaitable<void> job_runner::renew_leases(time_point now) {
    return state_->renew(now);
}

std::size_t job_runner::running() const {
    return state_->running_jobs().size();
}

}  // namespace cxb::server
