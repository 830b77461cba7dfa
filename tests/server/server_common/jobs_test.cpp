// One job at a time: verdicts, retries, what a handler may write.
#include "server/server_common/job_test_kit.hpp"

namespace cxb::server {
namespace {

using words = std::vector<std::string>;

class JobVerdicts : public JobTest {};

TEST_F(JobVerdicts, RowHasTheDocumentedShape) {
    auto const made = make_job({.kind = "push",
                                .key = "push:s:1",
                                .payload = {{"base", "https://x"}},
                                .max_attempts = 3,
                                .session_id = "s",
                                .bot_id = "b"},
                               time.now(), random);
    EXPECT_EQ(wire::text_at(made, "_id").size(), 24U);
    auto rest = made;
    rest.stable_erase("_id");
    EXPECT_EQ(wire::to_text(rest),
              R"({"kind":"push","key":"push:s:1","session_id":"s","bot_id":"b","state":"queued",)"
              R"("run_at":"2026-01-01T00:00:00.000Z","stamped_at":"2026-01-01T00:00:00.000Z",)"
              R"("attempts":0,"max_attempts":3,"fence":0,)"
              R"("payload":{"base":"https://x"},"history":[],)"
              R"("created_at":"2026-01-01T00:00:00.000Z"})");
    auto const bare =
        make_job({.kind = "k", .key = "k", .run_at = time.now() + 1s}, time.now(), random);
    EXPECT_FALSE(bare.contains("session_id"));
    EXPECT_FALSE(bare.contains("bot_id"));
    EXPECT_EQ(wire::text_at(bare, "run_at"), "2026-01-01T00:00:01.000Z");
}

TEST_F(JobVerdicts, OneRowPerKey) {
    add("same");
    auto const again = test::run(store->commit(
        store::batch{}
            .insert(facts, {{"_id", "f"}})
            .insert(jobs, make_job({.kind = "push", .key = "same"}, time.now(), random), "job")));
    EXPECT_FALSE(again.value().applied);
    EXPECT_TRUE(again.value().duplicate_key);
    EXPECT_EQ(again.value().label, "job");
    EXPECT_FALSE(test::run(store->find_one(facts, store::by_id("f"))).value());
}

TEST_F(JobVerdicts, DoneJobKeepsItsHistory) {
    auto const id = add("k");
    auto const worker = runner([&](job_context job) -> asio::awaitable<job_verdict> {
        EXPECT_EQ(job.key(), "k");
        EXPECT_EQ(job.kind(), "push");
        EXPECT_EQ(job.id(), id);
        EXPECT_EQ(job.attempt(), 1);
        EXPECT_EQ(job.max_attempts(), 10);
        EXPECT_EQ(job.fence(), 1);
        EXPECT_TRUE(job.payload().empty());
        EXPECT_EQ(wire::text_at(job.row(), "state"), "running");
        EXPECT_EQ(wire::text_at(job.row(), "lease_owner"), "a");
        EXPECT_EQ(wire::text_at(job.row(), "lease_until"), in(60s));
        time.advance(250ms);
        co_return job_verdict::done(200);
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "done");
    EXPECT_EQ(text(id, "done_at"), in(0s));
    EXPECT_EQ(number(id, "attempts"), 1);
    EXPECT_EQ(wire::to_text(row(id).at("history")),
              R"([{"at":"2026-01-01T00:00:00.000Z","status":200,"ms":250}])");
    for (auto const* gone : {"lease_owner", "lease_until", "last_error"})
        EXPECT_FALSE(row(id).contains(gone)) << gone;
    EXPECT_EQ(settled, words{"k:done"});
    EXPECT_EQ(step(*worker), 0U);
    EXPECT_EQ(worker->running(), 0U);
}

TEST_F(JobVerdicts, JobsWaitForTheirTimeAndRunInItsOrder) {
    add({.kind = "push", .key = "late", .run_at = time.now() + 20s});
    add({.kind = "push", .key = "soon", .run_at = time.now() + 10s});
    auto const worker = runner(giving(job_verdict::done()));
    EXPECT_EQ(step(*worker), 0U);
    time.advance(10s);
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(settled, words{"soon:done"});
    time.advance(10s);
    EXPECT_EQ(step(*worker), 1U);
}

TEST_F(JobVerdicts, UnknownKindsAreLeftAlone) {
    auto const id = add({.kind = "other", .key = "k"});
    EXPECT_EQ(step(*runner(giving(job_verdict::done()))), 0U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(number(id, "attempts"), 0);
}

TEST_F(JobVerdicts, RetryWaitsAndDiesWhenAttemptsAreUsedUp) {
    auto const id = add("k", 2);
    auto const worker = runner(giving(job_verdict::retry(90s, 503, "CRM answered 503")));
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(text(id, "run_at"), in(90s));
    EXPECT_EQ(text(id, "last_error"), "CRM answered 503");
    EXPECT_FALSE(row(id).contains("lease_until"));
    time.advance(89s);
    EXPECT_EQ(step(*worker), 0U);
    time.advance(1s);
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "dead");
    EXPECT_EQ(text(id, "done_at"), in(0s));
    EXPECT_EQ(number(id, "attempts"), 2);
    EXPECT_EQ(history(id), 2U);
    EXPECT_EQ(settled, (words{"k:queued", "k:dead"}));
}

TEST_F(JobVerdicts, DefaultWaitDoublesUpToAnHour) {
    auto const id = add("k", 20);
    auto const worker = runner(giving(job_verdict::retry(std::nullopt, 0, "x")));
    std::int64_t expected = 30;
    for (int attempt = 1; attempt <= 12; ++attempt) {
        auto const before = time.now();
        EXPECT_EQ(step(*worker), 1U);
        auto const next = parse_timestamp(text(id, "run_at")).value();
        EXPECT_GE(next - before, seconds(expected) * 8 / 10);
        EXPECT_LE(next - before, seconds(expected) * 12 / 10);
        expected = std::min<std::int64_t>(expected * 2, 3600);
        time.advance(next - before);
    }
}

TEST_F(JobVerdicts, HistoryKeepsTheNewestTwenty) {
    auto const id = add("k", 100);
    auto const worker = runner(giving(job_verdict::retry(0ms, 500, "x")));
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(step(*worker), 16U);
    EXPECT_EQ(number(id, "attempts"), 32);
    EXPECT_EQ(history(id), 20U);
}

TEST_F(JobVerdicts, DeadAtOnce) {
    auto const id = add("k");
    EXPECT_EQ(step(*runner(giving(job_verdict::dead(400, "bad request")))), 1U);
    EXPECT_EQ(text(id, "state"), "dead");
    EXPECT_EQ(text(id, "last_error"), "bad request");
    EXPECT_EQ(settled, words{"k:dead"});
}

TEST_F(JobVerdicts, PutBackLosesNoAttempt) {
    auto const id = add("k");
    EXPECT_EQ(step(*runner(giving(job_verdict::put_back(time.now() + 5s)))), 1U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(text(id, "run_at"), in(5s));
    EXPECT_EQ(number(id, "attempts"), 0);
    EXPECT_EQ(history(id), 0U);
}

TEST_F(JobVerdicts, ThrowingHandlerIsTriedAgain) {
    auto const id = add("k");
    auto const worker = runner([](job_context) -> asio::awaitable<job_verdict> {
        throw std::runtime_error("secret detail");
        co_return job_verdict::done();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(text(id, "last_error"), "internal error");
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_NE(faults[0].find("secret detail"), std::string::npos);
}

TEST_F(JobVerdicts, WritesOfTheVerdictAreCommittedWithTheRow) {
    auto const id = add("k");
    auto verdict = job_verdict::done();
    verdict.changes.set("payload.note", "x");
    verdict.together.insert(facts, {{"_id", "f"}});
    EXPECT_EQ(step(*runner(giving(verdict))), 1U);
    EXPECT_EQ(text(id, "payload.note"), "x");
    EXPECT_TRUE(test::run(store->find_one(facts, store::by_id("f"))).value());
}

TEST_F(JobVerdicts, UnmetWriteOfTheVerdictMeansAnotherTry) {
    auto const id = add("k");
    auto verdict = job_verdict::done();
    verdict.together.update_one(facts, store::by_id("none"), store::update{}.set("rev", 2));
    EXPECT_EQ(step(*runner(giving(verdict))), 1U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(text(id, "run_at"), in(1s));
    EXPECT_EQ(number(id, "attempts"), 0);
}

TEST_F(JobVerdicts, HandlerMayDecideAnewWhenItsFactsChanged) {
    auto const id = add("k");
    ASSERT_TRUE(test::run(store->insert(facts, {{"_id", "f"}, {"rev", 5}})));
    auto const worker = runner([](job_context job) -> asio::awaitable<job_verdict> {
        auto const finish_at = [&job](int rev) {
            auto verdict = job_verdict::done();
            verdict.together.update_one(
                facts, store::all_of({store::eq("_id", "f"), store::eq("rev", rev)}),
                store::update{}.inc("rev", 1));
            return job.finish(std::move(verdict));
        };
        EXPECT_EQ((co_await finish_at(4)).value(), save_result::unmet);
        EXPECT_EQ((co_await finish_at(5)).value(), save_result::saved);
        co_return job_verdict::settled();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "done");
    EXPECT_EQ(settled, words{"k:done"});
    auto const fact = test::run(store->find_one(facts, store::by_id("f"))).value();
    EXPECT_EQ(wire::int_at(*fact, "rev"), 6);
}

TEST_F(JobVerdicts, FreezingIsBoundToWhatWasRendered) {
    auto const id = add({.kind = "push", .key = "k", .payload = {{"call_rev", 7}}});
    auto const worker = runner([&](job_context job) -> asio::awaitable<job_verdict> {
        auto const freeze = [&job](int rev) {
            return job.save(
                store::update{}.set("frozen_request.webhook_id", "msg_1"),
                {store::eq("payload.call_rev", rev), store::missing("frozen_request.webhook_id")});
        };
        // Meanwhile a full result has replaced the minimal one.
        (void)co_await store->update_one(
            jobs,
            store::all_of({store::eq("key", "k"), store::missing("frozen_request.webhook_id")}),
            store::update{}.set("payload.call_rev", 8));
        EXPECT_EQ((co_await freeze(7)).value(), save_result::unmet);
        EXPECT_EQ(wire::int_at(job.payload(), "call_rev"), 8);
        EXPECT_EQ((co_await freeze(8)).value(), save_result::saved);
        EXPECT_EQ(wire::text_at(job.row(), "frozen_request.webhook_id"), "msg_1");
        EXPECT_EQ((co_await freeze(8)).value(), save_result::unmet);
        EXPECT_FALSE(job.lease_lost());
        co_return job_verdict::done();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "frozen_request.webhook_id"), "msg_1");
    EXPECT_EQ(text(id, "state"), "done");
}

TEST_F(JobVerdicts, ClosedStoreIsReported) {
    add("k");
    auto const worker = runner(giving(job_verdict::done()));
    store->close();
    EXPECT_EQ(test::run(worker->run_once(time.now())).error().code(), errc::unavailable);
}

class JobUpkeep : public JobTest {
  protected:
    bool commit(store::batch writes) {
        return test::run(store->commit(std::move(writes))).value().applied;
    }
    std::string dead_job() {
        auto const id = add("k");
        EXPECT_EQ(step(*runner(giving(job_verdict::dead(0, "x")))), 1U);
        return id;
    }
};

TEST_F(JobUpkeep, DeadJobIsQueuedAgainWithAllItsAttempts) {
    auto const id = dead_job();
    time.advance(1h);
    store::batch again;
    add_requeue(again, id, time.now());
    EXPECT_TRUE(commit(again));
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(number(id, "attempts"), 0);
    EXPECT_EQ(text(id, "run_at"), in(0s));
    EXPECT_FALSE(row(id).contains("done_at"));
    EXPECT_FALSE(commit(again));  // it is not dead any more
    store::batch tolerant;
    add_requeue(tolerant, id, time.now(), job_state::dead, false);
    EXPECT_TRUE(commit(tolerant));
    EXPECT_EQ(step(*runner(giving(job_verdict::done()))), 1U);
    store::batch replay;
    add_requeue(replay, id, time.now(), job_state::done);
    EXPECT_TRUE(commit(replay));
    EXPECT_EQ(text(id, "state"), "queued");
}

TEST_F(JobUpkeep, QueuedJobIsCancelled) {
    auto const id = add("k");
    store::batch stop;
    add_cancel(stop, id, time.now());
    EXPECT_TRUE(commit(stop));
    EXPECT_EQ(text(id, "state"), "cancelled");
    EXPECT_EQ(text(id, "done_at"), in(0s));
    EXPECT_EQ(step(*runner(giving(job_verdict::done()))), 0U);
    EXPECT_FALSE(commit(stop));
}

TEST_F(JobUpkeep, RunningJobThatIsCancelledCannotFinish) {
    auto const id = add("k");
    auto const worker = runner([&](job_context) -> asio::awaitable<job_verdict> {
        store::batch stop;
        add_cancel(stop, id, time.now());
        EXPECT_TRUE((co_await store->commit(std::move(stop))).value().applied);
        auto verdict = job_verdict::done();
        verdict.together.insert(facts, {{"_id", "f"}});
        co_return verdict;
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "cancelled");
    EXPECT_FALSE(test::run(store->find_one(facts, store::by_id("f"))).value());
    EXPECT_TRUE(settled.empty());
    EXPECT_FALSE(faults.empty());
}

TEST_F(JobUpkeep, OldRowsAreRemoved) {
    auto const worker = runner(giving(job_verdict::done()));
    auto const done = add("done");
    EXPECT_EQ(step(*worker), 1U);
    auto const dead = dead_job();
    auto const cancelled = add("cancelled");
    store::batch stop;
    add_cancel(stop, cancelled, time.now());
    EXPECT_TRUE(commit(stop));
    auto const queued = add({.kind = "other", .key = "queued"});
    auto const removed = [&] {
        std::int64_t sum = 0;
        for (auto const& old : old_jobs(time.now()))
            sum += test::run(store->remove(jobs, old)).value();
        return sum;
    };
    time.advance(std::chrono::days{7});
    EXPECT_EQ(removed(), 0);
    time.advance(1ms);
    EXPECT_EQ(removed(), 2);
    time.advance(std::chrono::days{83});
    EXPECT_EQ(removed(), 1);
    EXPECT_EQ(test::run(store->count(jobs, {})).value(), 1);
    EXPECT_EQ(text(queued, "state"), "queued");
}

}  // namespace
}  // namespace cxb::server
