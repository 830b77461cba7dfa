// Who is called when a job is written, and who passes the call on.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

#include "server/server_common/job_test_kit.hpp"

namespace cxb::server {
namespace {

/// Two workers for one job each on loops that the test moves by hand.
class JobWakes : public JobTest {
  protected:
    std::unique_ptr<job_runner> start(store::document_store& from) {
        auto settings = options();
        settings.poll = 1h;
        settings.workers = 2;
        settings.parallel = 1;
        auto made = std::make_unique<job_runner>(from, time, random, std::move(settings));
        made->register_handler("push", [this](job_context) -> asio::awaitable<job_verdict> {
            ++began;
            co_await paused.wait();
            co_return job_verdict::done();
        });
        made->start({first.get_executor(), second.get_executor()});
        return made;
    }
    bool until(std::function<bool()> const& reached) {
        return test::eventually([&] {
            first.poll();
            second.poll();
            return reached();
        });
    }
    void stop(job_runner& of) {
        paused.open();
        EXPECT_TRUE(until([&] { return of.running() == 0; }));
        bool stopped = false;
        asio::co_spawn(first, of.stop(20s), [&](std::exception_ptr const&) { stopped = true; });
        EXPECT_TRUE(until([&] { return stopped; }));
    }

    asio::io_context first{1};
    asio::io_context second{1};
    gate paused;
    std::atomic<int> began{0};
};

TEST_F(JobWakes, FullWorkersDoNotWakeEachOtherForEver) {
    auto const worker = start(*store);
    add("k1");
    add("k2");
    EXPECT_TRUE(until([&] { return began == 2; }));
    add("k3");
    constexpr int many = 1000;
    int handlers = 0;
    while (handlers < many && first.poll_one() + second.poll_one() > 0)
        ++handlers;
    EXPECT_LT(handlers, many);
    stop(*worker);
}

TEST_F(JobWakes, ACallThatMeetsAWorkerJustFilledIsPassedOn) {
    auto const over = add("over");
    ASSERT_TRUE(test::run(store->update_one(jobs, store::by_id(over),
                                            store::update{}.set("state", job_state::done))));
    store::sqlite_options slow;
    slow.path = (folder / "store.db").string();
    slow.commit_delay = 50ms;
    auto const delayed = store::sqlite_document_store::open(slow).value();
    asio::io_context writes{1};
    auto const write = [&](store::collection const& into, store::json_object row) {
        asio::co_spawn(writes, delayed->insert(into, std::move(row)), asio::detached);
        writes.poll();
    };
    auto const job = [&](std::string key) {
        return make_job({.kind = "push", .key = std::move(key)}, time.now(), random);
    };
    auto const worker = start(*delayed);
    EXPECT_TRUE(until([&] { return delayed->stats().writes == 3; }));  // they found nothing
    // Each is called once, and looks for jobs while the writer is held by another write.
    EXPECT_TRUE(test::run(delayed->insert(jobs, job("k1"))));
    EXPECT_TRUE(
        test::run(delayed->update_one(jobs, store::by_id(over), store::update{}.inc("x", 1))));
    write(facts, {{"_id", "slow"}});
    first.poll();
    second.poll();
    // So the first gets k1, the second nothing, and the first is called for k2 while it fills up.
    write(jobs, job("k2"));
    EXPECT_TRUE(until([&] { return began == 2; }));
    stop(*worker);
}

}  // namespace
}  // namespace cxb::server
