// Several holders, several processes, and the claim loops.
#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "server/server_common/job_test_kit.hpp"
#include "src/store/sqlite/connection.hpp"

namespace cxb::server {
namespace {

using words = std::vector<std::string>;

class JobLeases : public JobTest {
  protected:
    /// Waits on the loop of the caller until the runner has begun a job.
    static asio::awaitable<void> begun(std::atomic<int>& started) {
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (started == 0) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
    }
};

TEST_F(JobLeases, JobWhoseLeaseRanOutIsTakenAgainAndTheOldHolderCannotFinish) {  // 21-42
    auto const id = add("k");
    gate paused;
    std::atomic<int> started{0};
    auto const slow = runner([&](job_context job) -> asio::awaitable<job_verdict> {
        ++started;
        co_await paused.wait();
        auto verdict = job_verdict::done(1);
        verdict.together.insert(facts, {{"_id", "from the old holder"}});
        EXPECT_FALSE(job.lease_lost());
        co_return verdict;
    });
    auto const other = runner(
        [](job_context job) -> asio::awaitable<job_verdict> {
            EXPECT_EQ(job.fence(), 2);
            EXPECT_EQ(job.attempt(), 2);
            co_return job_verdict::done(2);
        },
        "b");
    auto const scene = [&]() -> asio::awaitable<std::size_t> {
        co_await begun(started);
        EXPECT_EQ((co_await other->run_once(time.now() + 60s)).value(), 0U);
        time.advance(60s + 1ms);
        auto const taken = (co_await other->run_once(time.now())).value();
        paused.open();
        co_return taken;
    };
    std::vector<asio::awaitable<std::size_t>> both;
    both.push_back([](job_runner& of, time_point now) -> asio::awaitable<std::size_t> {
        co_return (co_await of.run_once(now)).value();
    }(*slow, time.now()));
    both.push_back(scene());
    EXPECT_EQ(test::run_all(std::move(both)), (std::vector<std::size_t>{1, 1}));
    EXPECT_EQ(text(id, "state"), "done");
    EXPECT_EQ(number(id, "fence"), 2);
    EXPECT_EQ(wire::to_text(row(id).at("history").get_array().at(0)),
              R"({"at":"2026-01-01T00:01:00.001Z","status":0,"ms":0,"error":"lease expired"})");
    EXPECT_EQ(wire::int_at(row(id).at("history").get_array().at(1).get_object(), "status"), 2);
    EXPECT_FALSE(test::run(store->find_one(facts, store::by_id("from the old holder"))).value());
    EXPECT_EQ(settled, words{"k:done"});
    EXPECT_EQ(faults.size(), 1U);
}

TEST_F(JobLeases, RenewedLeaseIsNotTaken) {
    auto const id = add("k");
    gate paused;
    std::atomic<int> started{0};
    auto const slow = runner([&](job_context) -> asio::awaitable<job_verdict> {
        ++started;
        co_await paused.wait();
        co_return job_verdict::done();
    });
    auto const other = runner(giving(job_verdict::dead(0, "stolen")), "b");
    auto const scene = [&]() -> asio::awaitable<std::size_t> {
        co_await begun(started);
        time.advance(40s);
        co_await slow->renew_leases(time.now());
        time.advance(40s);
        auto const taken = (co_await other->run_once(time.now())).value();
        EXPECT_EQ(slow->running(), 1U);
        paused.open();
        co_return taken;
    };
    std::vector<asio::awaitable<std::size_t>> both;
    both.push_back([](job_runner& of, time_point now) -> asio::awaitable<std::size_t> {
        co_return (co_await of.run_once(now)).value();
    }(*slow, time.now()));
    both.push_back(scene());
    EXPECT_EQ(test::run_all(std::move(both)), (std::vector<std::size_t>{1, 0}));
    EXPECT_EQ(text(id, "state"), "done");
    EXPECT_TRUE(faults.empty());
}

TEST_F(JobLeases, RenewalNoticesThatTheLeaseIsLost) {
    auto const id = add("k");
    auto const worker = runner([&](job_context job) -> asio::awaitable<job_verdict> {
        (void)co_await store->update_one(jobs, store::by_id(job.id()),
                                         store::update{}.inc("fence", 1));
        EXPECT_FALSE((co_await job.renew(time.now() + 60s)).value());
        EXPECT_TRUE(job.lease_lost());
        EXPECT_EQ((co_await job.save(store::update{}.set("x", 1))).value(), save_result::lost);
        co_return job_verdict::done();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "running");
    EXPECT_TRUE(settled.empty());
}

TEST_F(JobLeases, JobThatAlwaysLosesItsLeaseDies) {
    auto const id = add("k", 1);
    auto const lose = [&] {
        ASSERT_TRUE(
            test::run(store->update_one(jobs, store::by_id(id),
                                        store::update{}
                                            .set("state", "running")
                                            .inc("attempts", 1)
                                            .set("lease_until", "2025-01-01T00:00:00.000Z"))));
    };
    for (int i = 0; i < 4; ++i)
        lose();
    int ran = 0;
    auto const worker = runner([&](job_context) -> asio::awaitable<job_verdict> {
        ++ran;
        co_return job_verdict::done();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(text(id, "state"), "dead");
    EXPECT_EQ(text(id, "last_error"), "lease lost too often");
}

TEST_F(JobLeases, ClaimsAreServedByIndexes) {
    store::sqlite::connection db({(folder / "store.db").string()});
    ASSERT_TRUE(db.open());
    auto const plan = [&](std::string const& where, std::string const& order) {
        std::string text;
        auto row = db.prepare("EXPLAIN QUERY PLAN SELECT doc FROM jobs WHERE " + where +
                              " AND kind IN (?,?,?,?) ORDER BY " + order + " LIMIT 1")
                       .value();
        while (row.step().value())
            text += std::string(row.text(3)) + '\n';
        return text;
    };
    auto const queued = plan("state=? AND run_at<=?", "run_at");
    EXPECT_NE(queued.find("cxb:jobs:state,run_at,"), std::string::npos) << queued;
    EXPECT_EQ(queued.find("TEMP B-TREE"), std::string::npos) << queued;
    auto const expired = plan("state=? AND lease_until<?", "lease_until");
    EXPECT_NE(expired.find("cxb:jobs:state,lease_until,"), std::string::npos) << expired;
}

class JobLoops : public JobTest {
  protected:
    JobLoops() {
        threads = std::jthread([this] { loop.run(); });
    }
    ~JobLoops() override {
        keep.reset();
        loop.stop();
    }

    template <class T>
    T on_loop(asio::awaitable<T> task) {
        std::promise<T> made;
        asio::co_spawn(loop, std::move(task), [&](std::exception_ptr const&, T value) {
            made.set_value(std::move(value));
        });
        return made.get_future().get();
    }

    void stop(job_runner& of, milliseconds grace = 20s) {
        on_loop([](job_runner& which, milliseconds time) -> asio::awaitable<int> {
            co_await which.stop(time);
            co_return 0;
        }(of, grace));
    }

    std::unique_ptr<job_runner> start(job_handler handler, job_options settings,
                                      store::document_store& from) {
        auto made =
            std::make_unique<job_runner>(from, real_clock(), system_random(), std::move(settings));
        made->register_handler("push", std::move(handler));
        made->start({loop.get_executor()});
        return made;
    }

    bool all_done(std::size_t count) {
        return test::eventually([&] {
            return test::run(store->count(jobs, store::all_of({store::eq("state", "done")})))
                       .value() == static_cast<std::int64_t>(count);
        });
    }

    job_options sleepy() {
        auto made = options();
        made.poll = 1h;
        return made;
    }

    asio::io_context loop{1};
    asio::executor_work_guard<asio::io_context::executor_type> keep{loop.get_executor()};
    std::jthread threads;
};

TEST_F(JobLoops, CommitWakesWorkersAtOnce) {
    std::atomic<int> ran{0};
    auto const worker = start(
        [&](job_context) -> asio::awaitable<job_verdict> {
            ++ran;
            co_return job_verdict::done();
        },
        sleepy(), *store);
    for (int i = 0; i < 50; ++i)
        add("k" + std::to_string(i));
    EXPECT_TRUE(all_done(50));
    EXPECT_EQ(ran, 50);
    stop(*worker);
    EXPECT_TRUE(faults.empty());
}

TEST_F(JobLoops, WorkersRunABoundedNumberAtOnce) {
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    std::atomic<bool> go{false};
    auto settings = sleepy();
    settings.workers = 2;
    settings.parallel = 3;
    auto const worker = start(
        [&](job_context) -> asio::awaitable<job_verdict> {
            most = std::max<int>(most, ++now);
            asio::steady_timer timer(co_await asio::this_coro::executor);
            while (!go) {
                timer.expires_after(1ms);
                co_await timer.async_wait(asio::use_awaitable);
            }
            --now;
            co_return job_verdict::done();
        },
        settings, *store);
    for (int i = 0; i < 20; ++i)
        add("k" + std::to_string(i));
    EXPECT_TRUE(test::eventually([&] { return now == 6; }));
    EXPECT_EQ(worker->running(), 6U);
    go = true;
    EXPECT_TRUE(all_done(20));
    EXPECT_EQ(most, 6);
    stop(*worker);
}

TEST_F(JobLoops, AClaimThatThrowsDoesNotEndItsLoop) {
    auto settings = options();
    settings.poll = 1ms;
    store::sqlite::connection db({(folder / "store.db").string()});
    ASSERT_TRUE(db.open());
    ASSERT_TRUE(db.execute("ALTER TABLE jobs RENAME TO away"));
    auto const worker = start(giving(job_verdict::done()), settings, *store);
    EXPECT_TRUE(test::eventually([&] {
        std::lock_guard const lock(mutex);
        return faults.size() >= settings.workers;
    }));
    ASSERT_TRUE(db.execute("ALTER TABLE away RENAME TO jobs"));
    add("k");
    EXPECT_TRUE(all_done(1));
    stop(*worker);
}

TEST_F(JobLoops, StopWaitsForRunningJobsAndThenGivesTheirLeasesBack) {
    std::atomic<bool> started{false};
    std::atomic<bool> go{false};
    auto const handler = [&](job_context) -> asio::awaitable<job_verdict> {
        started = true;
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (!go) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return job_verdict::done();
    };
    auto const worker = start(handler, sleepy(), *store);
    auto const id = add("k");
    EXPECT_TRUE(test::eventually([&] { return started.load(); }));
    stop(*worker, 20ms);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(number(id, "attempts"), 1);
    EXPECT_FALSE(row(id).contains("lease_owner"));
    go = true;
    EXPECT_TRUE(test::eventually([&] { return worker->running() == 0; }));
    EXPECT_EQ(text(id, "state"), "queued");  // the released holder could not finish
    auto const next = start(handler, sleepy(), *store);
    EXPECT_TRUE(all_done(1));
    stop(*next);
    stop(*next);
}

TEST_F(JobLoops, TwoProcessesShareJobsWithoutDoubleDelivery) {  // 21-42
    auto const second_store = open();
    std::mutex guard;
    std::multiset<std::string> delivered;
    std::set<std::string> owners;
    auto const handler = [&](job_context job) -> asio::awaitable<job_verdict> {
        std::lock_guard const lock(guard);
        delivered.insert(std::string(job.key()));
        owners.insert(std::string(wire::text_at(job.row(), "lease_owner")));
        co_return job_verdict::done();
    };
    auto settings = options("a");
    settings.poll = 2ms;
    auto const first = start(handler, settings, *store);
    settings.owner = "b";
    auto const second = start(handler, settings, *second_store);
    for (int i = 0; i < 100; ++i)
        add("k" + std::to_string(i));
    EXPECT_TRUE(all_done(100));
    stop(*first);
    stop(*second);
    EXPECT_EQ(delivered.size(), 100U);
    EXPECT_EQ(std::set<std::string>(delivered.begin(), delivered.end()).size(), 100U);
    EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace cxb::server
