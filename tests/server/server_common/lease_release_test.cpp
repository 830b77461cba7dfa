// A lease that is being asked for while its process leaves (spec 20 §1 "gives it back at the end").
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <thread>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/leases/loop_lease.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> keep(loop_lease& lease) {
    EXPECT_TRUE(co_await lease.keep());
}

asio::awaitable<void> release(loop_lease& lease) {
    EXPECT_TRUE(co_await lease.release());
}

TEST(LeaseRelease, NobodyIsKeptWaitingByATakingThatComesTooLate) {
    test::scratch_dir const folder;
    testing::fake_clock time;
    store::sqlite_options options;
    options.path = (folder / "s.db").string();
    auto const store = store::sqlite_document_store::open(options).value();
    EXPECT_TRUE(test::run(store->ensure(model::system_runtime)));
    for (bool const held_before : {false, true}) {
        loop_lease leaving(*store, time, {.name = "sweep", .owner = "leaving"});
        if (held_before) EXPECT_TRUE(test::run(leaving.keep()));
        asio::io_context loop;
        asio::co_spawn(loop, keep(leaving), asio::detached);
        asio::co_spawn(loop, release(leaving), asio::detached);
        loop.run();
        EXPECT_FALSE(leaving.held());
        EXPECT_EQ(test::run(leaving.keep()).value(), lease_change::none) << "it has left";
        loop_lease next(*store, time, {.name = "sweep", .owner = "next"});
        EXPECT_EQ(test::run(next.keep()).value(), lease_change::taken);
        EXPECT_TRUE(test::run(next.release()));
    }
}

// The metrics of a process are asked for on another thread than the one that keeps its leases.
TEST(LeaseWatched, FromAnotherThread) {
    test::scratch_dir const folder;
    store::sqlite_options options;
    options.path = (folder / "s.db").string();
    auto const store = store::sqlite_document_store::open(options).value();
    EXPECT_TRUE(test::run(store->ensure(model::system_runtime)));
    loop_lease kept(*store, real_clock(), {.name = "sweep", .owner = "kept"});
    ASSERT_EQ(test::run(kept.keep()).value(), lease_change::taken);
    std::atomic<std::int64_t> seen = 0;
    std::thread watcher([&] {
        while (kept.held()) {
            seen = kept.fence();
            seen.notify_one();
        }
    });
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(test::run(kept.keep()));
    seen.wait(0);
    EXPECT_TRUE(test::run(kept.release()));
    watcher.join();
    EXPECT_EQ(kept.fence(), 0);
}

}  // namespace
}  // namespace cxb::server
