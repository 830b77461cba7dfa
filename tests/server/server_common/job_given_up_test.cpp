// What belongs to the end of a job is written with it also where the runner ends the job, not its
// handler.
#include "server/server_common/job_test_kit.hpp"

namespace cxb::server {
namespace {

class JobGivenUp : public JobTest {
  protected:
    // Notes each end it is asked about in `facts`.
    std::unique_ptr<job_runner> noting(job_handler handler) {
        auto made = std::make_unique<job_runner>(*store, time, random, options());
        made->register_handler(
            "push", std::move(handler), [this](job_context const& job, job_verdict& verdict) {
                ++asked;
                verdict.together.insert(facts, {{"_id", wire::json_value(job.id())},
                                                {"why", wire::json_value(verdict.error)}});
            });
        return made;
    }
    std::string noted(std::string const& id) {
        auto const row = test::run(store->find_one(facts, store::by_id(id))).value();
        return row ? std::string(wire::text_at(*row, "why")) : "";
    }
    void lose_lease(std::string const& id, int times) {
        for (int i = 0; i < times; ++i)
            ASSERT_TRUE(
                test::run(store->update_one(jobs, store::by_id(id),
                                            store::update{}
                                                .set("state", "running")
                                                .inc("attempts", 1)
                                                .set("lease_until", "2025-01-01T00:00:00.000Z"))));
    }
    int asked = 0;
};

TEST_F(JobGivenUp, WhenItsLeaseIsLostTooOften) {
    auto const id = add("k", 1);
    lose_lease(id, 4);
    int ran = 0;
    auto const worker = noting([&](job_context) -> asio::awaitable<job_verdict> {
        ++ran;
        co_return job_verdict::done();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(text(id, "state"), "dead");
    EXPECT_EQ(noted(id), "lease lost too often");
    EXPECT_EQ(asked, 1);
}

TEST_F(JobGivenUp, WhenItsHandlerThrowsAtTheLastAttempt) {
    auto const id = add("k", 2);
    auto const worker = noting([](job_context job) -> asio::awaitable<job_verdict> {
        if (job.attempt() > 0) throw std::runtime_error("a bug");
        co_return job_verdict::done();
    });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_EQ(asked, 0) << "it is tried again";
    time.advance(1h);
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "dead");
    EXPECT_EQ(noted(id), "internal error");
}

TEST_F(JobGivenUp, WhenItsHandlerWantsOneAttemptMore) {
    auto const id = add("k", 1);
    auto const worker = noting(giving(job_verdict::retry({}, 503, "status_503")));
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "dead");
    EXPECT_EQ(noted(id), "status_503");
    EXPECT_EQ(row(id).at("history").at(0).at("status").as_int64(), 503);
}

TEST_F(JobGivenUp, NotWhenTheHandlerEndsIt) {
    auto const dead = add("dead", 1);
    EXPECT_EQ(step(*noting(giving(job_verdict::dead(400, "refused")))), 1U);
    EXPECT_EQ(text(dead, "state"), "dead");
    auto const done = add("done", 1);
    EXPECT_EQ(step(*noting(giving(job_verdict::done(200)))), 1U);
    EXPECT_EQ(text(done, "state"), "done");
    EXPECT_EQ(asked, 0);
}

// What is written with the end is not written without it.
TEST_F(JobGivenUp, AnUnmetConditionLeavesTheJobForLater) {
    auto const id = add("k", 1);
    lose_lease(id, 4);
    bool met = false;
    auto const worker = std::make_unique<job_runner>(*store, time, random, options());
    worker->register_handler(
        "push", giving(job_verdict::done()), [&](job_context const&, job_verdict& verdict) {
            verdict.together.upsert(facts, store::by_id("count"), store::update{}.inc("rev", 1));
            if (!met)
                verdict.together.update_one(facts, store::by_id("nobody"),
                                            store::update{}.set("rev", 1), "moved");
        });
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "queued");
    EXPECT_FALSE(test::run(store->find_one(facts, store::by_id("count"))).value());
    met = true;
    time.advance(2s);
    EXPECT_EQ(step(*worker), 1U);
    EXPECT_EQ(text(id, "state"), "dead");
    auto const count = test::run(store->find_one(facts, store::by_id("count"))).value();
    ASSERT_TRUE(count);
    EXPECT_EQ(wire::int_at(*count, "rev"), 1);
}

}  // namespace
}  // namespace cxb::server
