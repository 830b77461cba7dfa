// Steps of the wall clock under jobs that wait and run.
#include "server/server_common/job_test_kit.hpp"

namespace cxb::server {
namespace {

class JobClock : public JobTest {
  protected:
    void step_clock(milliseconds by) { time.set_wall(time.now() + by); }
};

TEST_F(JobClock, WhatWasDueIsDueAfterAStepBack) {
    auto const at = runner(giving(job_verdict::done(1)));
    EXPECT_EQ(step(*at), 0U);
    auto const id = add("k");
    step_clock(-1h);
    EXPECT_EQ(step(*at), 1U);
    EXPECT_EQ(text(id, "state"), "done");
}

TEST_F(JobClock, WhatWaitedWaitsAsLongAsItWasTold) {
    auto const at = runner(giving(job_verdict::retry(10s, 503, "busy")));
    auto const id = add("k");
    EXPECT_EQ(step(*at), 1U);
    step_clock(-1h);
    EXPECT_EQ(step(*at), 0U);
    EXPECT_EQ(text(id, "run_at"), in(10s));
    time.advance(10s);
    EXPECT_EQ(step(*at), 1U);
    EXPECT_EQ(number(id, "attempts"), 2);
}

// The next start has seen no step, yet the stamps of the last one lie ahead of it.
TEST_F(JobClock, ALaterStartFindsWhatWasStampedByAClockAhead) {
    auto const id = add("k");
    step_clock(-1h);
    auto const at = runner(giving(job_verdict::done(1)), "b");
    EXPECT_EQ(step(*at), 1U);
    EXPECT_EQ(text(id, "state"), "done");
}

TEST_F(JobClock, ALeaseOfTheDeadEndsAfterItsTimeAndNotAfterTheStep) {
    auto const id = add("k");
    std::size_t runs = 0;
    {
        auto const dies = runner([&](job_context) -> asio::awaitable<job_verdict> {
            ++runs;
            co_return job_verdict::settled();  // as if it had died: the row stays leased
        });
        EXPECT_EQ(step(*dies), 1U);
    }
    EXPECT_EQ(text(id, "state"), "running");
    step_clock(-1h);
    auto const next = runner(giving(job_verdict::done(1)), "b");
    EXPECT_EQ(step(*next), 0U);
    EXPECT_EQ(text(id, "lease_until"), in(60s));
    time.advance(60s + 1ms);
    EXPECT_EQ(step(*next), 1U);
    EXPECT_EQ(text(id, "state"), "done");
    EXPECT_EQ(runs, 1U);
}

TEST_F(JobClock, AStepInSeveralProcessesMovesARowOnce) {
    auto const first = runner(giving(job_verdict::retry(10s, 503, "busy")));
    auto const second = runner(giving(job_verdict::done(1)), "b");
    EXPECT_EQ(step(*second), 0U);
    auto const id = add("k");
    EXPECT_EQ(step(*first), 1U);
    step_clock(-1h);
    EXPECT_EQ(step(*first), 0U);
    EXPECT_EQ(step(*second), 0U);
    EXPECT_EQ(text(id, "run_at"), in(10s));
}

// Forward: all leases seem to have ended. Who lives gets the time to renew his.
TEST_F(JobClock, AStepForwardTakesNoJobFromWhoRunsIt) {
    auto const id = add("k");
    gate paused;
    std::atomic<int> started{0};
    auto made = options();
    made.poll = 1ms;
    test::run([&]() -> asio::awaitable<bool> {
        auto const executor = co_await asio::this_coro::executor;
        job_runner runner(*store, time, random, made);  // goes before its loop
        runner.register_handler("push", [&](job_context job) -> asio::awaitable<job_verdict> {
            ++started;
            co_await paused.wait();
            EXPECT_FALSE(job.lease_lost());
            co_return job_verdict::done(1);
        });
        runner.start({executor});
        asio::steady_timer timer(executor);
        auto const soon = [&](auto done) -> asio::awaitable<void> {
            while (!done()) {
                timer.expires_after(1ms);
                co_await timer.async_wait(asio::use_awaitable);
            }
        };
        co_await soon([&] { return started == 1; });
        auto const before = text(id, "lease_until");
        time.set_wall(time.now() + 1h);
        co_await soon([&] { return text(id, "lease_until") != before; });
        for (int i = 0; i < 20; ++i) {
            time.advance(100ms);
            timer.expires_after(2ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        paused.open();
        co_await runner.stop(1s);
        co_return true;
    }());
    EXPECT_EQ(started, 1);
    EXPECT_EQ(text(id, "state"), "done");
    EXPECT_EQ(number(id, "fence"), 1);
}

}  // namespace
}  // namespace cxb::server
