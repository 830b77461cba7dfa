#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

#include "src/store/sqlite/operation.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/conformance.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct SqliteGroupCommit : ::testing::Test {
    test::scratch_dir folder;

    std::unique_ptr<sqlite_document_store> open(sqlite_options options) {
        options.path = (folder / "store.db").string();
        auto opened = sqlite_document_store::open(std::move(options)).value();
        EXPECT_TRUE(test::run(opened->ensure(items)));
        return opened;
    }

    static std::vector<asio::awaitable<result<void>>> inserts(document_store& store, int count) {
        std::vector<asio::awaitable<result<void>>> all;
        for (int i = 0; i < count; ++i)
            all.push_back(store.insert(items, {{"_id", std::to_string(i)}, {"n", i}}));
        return all;
    }
};

TEST_F(SqliteGroupCommit, ConcurrentWritesShareCommits) {
    auto const store = open({.commit_delay = 10ms});
    auto const before = store->stats();
    for (auto const& each : test::run_all(inserts(*store, 200)))
        EXPECT_TRUE(each);
    auto const after = store->stats();
    EXPECT_EQ(after.writes - before.writes, 200U);
    EXPECT_LE(after.commits - before.commits, 20U);
    EXPECT_GE(after.max_group, 10U);
    EXPECT_EQ(after.failed_groups, 0U);
    EXPECT_GT(after.commit_seconds, 0.0);
    EXPECT_EQ(after.write_queue_depth, 0U);
    EXPECT_EQ(after.read_queue_depth, 0U);
}

TEST_F(SqliteGroupCommit, GroupsAreBounded) {
    std::atomic<int> seen{0};
    auto const store = open({.max_group_writes = 8,
                             .commit_delay = 2ms,
                             .on_commit = [&](std::chrono::nanoseconds) { ++seen; }});
    for (auto const& each : test::run_all(inserts(*store, 100)))
        EXPECT_TRUE(each);
    EXPECT_EQ(store->stats().max_group, 8U);
    EXPECT_GE(seen, 13);
    EXPECT_EQ(static_cast<std::uint64_t>(seen), store->stats().commits);
}

TEST_F(SqliteGroupCommit, FailingRequestLeavesTheOthersOfItsGroup) {
    auto const store = open({.commit_delay = 10ms});
    auto all = inserts(*store, 50);
    for (int i = 0; i < 50; ++i)
        all.push_back(store->insert(items, {{"_id", std::to_string(i)}}));
    all.push_back(store->bulk_insert(items, {{{"_id", "x"}}, {{"_id", "0"}}}));
    auto const done = test::run_all(std::move(all));
    for (std::size_t i = 0; i < done.size(); ++i)
        EXPECT_EQ(done[i].has_value(), i < 50) << i;
    EXPECT_EQ(test::run(store->count(items, {})).value(), 50);
    EXPECT_GT(store->stats().max_group, 10U);
}

TEST_F(SqliteGroupCommit, FullQueueRefuses) {
    auto const store = open({.max_queued_writes = 4, .commit_delay = 50ms});
    int written = 0;
    int refused = 0;
    for (auto const& each : test::run_all(inserts(*store, 100))) {
        written += each ? 1 : 0;
        if (each) continue;
        ++refused;
        EXPECT_EQ(each.error().code(), errc::unavailable);
        EXPECT_EQ(each.error().retry_after(), 1s);
    }
    EXPECT_GT(refused, 0);
    EXPECT_GT(written, 0);
    EXPECT_EQ(test::run(store->count(items, {})).value(), written);
}

TEST_F(SqliteGroupCommit, CloseFinishesWhatIsQueued) {
    auto store = open({.commit_delay = 20ms});
    auto all = inserts(*store, 40);
    asio::io_context loop(1);
    int written = 0;
    for (auto& each : all)
        asio::co_spawn(loop, std::move(each), [&](std::exception_ptr const&, result<void> done) {
            written += done ? 1 : 0;
        });
    loop.poll();
    store->close();
    loop.run();
    EXPECT_EQ(written, 40);
}

TEST_F(SqliteGroupCommit, CancelledWaitEndsAtOnceAndUnbegunWritesAreSkipped) {
    auto store = open({.commit_delay = 300ms});
    asio::io_context loop(1);
    asio::cancellation_signal stop;
    auto const note = [](std::optional<result<void>>& into) {
        return [&into](std::exception_ptr const&, result<void> done) {
            into.emplace(std::move(done));
        };
    };
    std::optional<result<void>> first;
    std::optional<result<void>> second;
    asio::co_spawn(loop, store->insert(items, {{"_id", "a"}}), note(first));
    while (store->stats().write_queue_depth != 0 || loop.poll() != 0)
        loop.restart();
    asio::co_spawn(loop, store->insert(items, {{"_id", "b"}}),
                   asio::bind_cancellation_slot(stop.slot(), note(second)));
    loop.restart();
    loop.poll();
    stop.emit(asio::cancellation_type::terminal);
    loop.restart();
    loop.poll();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->error().code(), errc::cancelled);
    EXPECT_FALSE(first);
    loop.restart();
    loop.run();
    EXPECT_TRUE(first->has_value());
    EXPECT_TRUE(test::run(store->find_one(items, by_id("a"))).value());
    EXPECT_FALSE(test::run(store->find_one(items, by_id("b"))).value());
}

TEST_F(SqliteGroupCommit, WaitersOfAnAbandonedLoopAreHarmless) {
    auto store = open({.commit_delay = 20ms});
    {
        asio::io_context loop(1);
        for (auto& each : inserts(*store, 10))
            asio::co_spawn(loop, std::move(each), [](std::exception_ptr const&, result<void>) {});
        loop.poll();
        store->close();
    }
    auto const again = open({});
    EXPECT_EQ(test::run(again->count(items, {})).value(), 10);
}

struct no_work final : sqlite::operation {
    explicit no_work(std::size_t size) { bytes = size; }
    bool run(sqlite::workplace&) override { return true; }
    void fail(error) override {}
};

TEST(SqliteOperationQueue, BoundsCountAndBytes) {
    sqlite::operation_queue queue({3, 100});
    auto const push = [&](std::size_t size) {
        return queue.push(std::make_shared<no_work>(size)).has_value();
    };
    EXPECT_TRUE(push(500));  // alone, it may be larger than the limit
    EXPECT_FALSE(push(1));
    EXPECT_EQ(queue.pop({9, 9}).size(), 1U);
    EXPECT_TRUE(push(60));
    EXPECT_FALSE(push(60));
    EXPECT_TRUE(push(40));
    EXPECT_TRUE(push(0));
    EXPECT_FALSE(push(0));
    EXPECT_EQ(queue.depth(), 3U);
    EXPECT_EQ(queue.pop({2, 70}).size(), 1U);
    EXPECT_EQ(queue.pop({9, 70}).size(), 2U);
    EXPECT_TRUE(push(1));
    queue.close();
    EXPECT_EQ(queue.push(std::make_shared<no_work>(1)).error().code(), errc::unavailable);
    EXPECT_EQ(queue.pop({9, 9}).size(), 1U);
    EXPECT_TRUE(queue.pop({9, 9}).empty());
}

std::shared_ptr<no_work> work(std::size_t size = 1) {
    return std::make_shared<no_work>(size);
}

// A queue whose taker, on a thread of its own, empties it whenever it is woken.
struct SqliteWokenQueue : ::testing::Test {
    sqlite::operation_queue queue{{1000, 1 << 20}};
    int const loops[2] = {};
    std::thread taker{[this] {
        while (queue.wait_for(1, std::chrono::steady_clock::now() + 1h) > 0)
            (void)queue.pop({1000, 1 << 20});
    }};

    ~SqliteWokenQueue() override {
        queue.close();
        taker.join();
    }
    void wait_until_taken() const {
        while (queue.depth() > 0)
            std::this_thread::yield();
    }
    /// The taker sleeps now, and the first loop owes it a wake for one operation.
    void owe() {
        while (!queue.push_from(&loops[0], work()).value())
            wait_until_taken();
    }
};

TEST_F(SqliteWokenQueue, ALoopOwesOneWakeForAllItPushes) {
    owe();
    EXPECT_FALSE(queue.push_from(&loops[0], work()).value());
    queue.wake();
    wait_until_taken();
    queue.wake();  // owed to nobody any more
    owe();
}

TEST_F(SqliteWokenQueue, AnotherLoopMuchToDoOrNoLoopWakesAtOnce) {
    owe();
    EXPECT_FALSE(queue.push_from(&loops[1], work()).value());
    wait_until_taken();
    owe();
    EXPECT_FALSE(queue.push_from(&loops[0], work(300 * 1024)).value());
    wait_until_taken();
    owe();
    EXPECT_TRUE(queue.push(work()));
    wait_until_taken();
}

// Ever more pushes of one loop: each is refused or taken, none owes anything, until one finds that
// the first has waited for long.
TEST_F(SqliteWokenQueue, TheFirstWaitsForAShortTimeOnly) {
    owe();
    while (queue.depth() > 0) {
        auto const pushed = queue.push_from(&loops[0], work());
        if (pushed && *pushed) break;  // it was woken, and sleeps again
        std::this_thread::yield();
    }
    queue.wake();
}

TEST_F(SqliteGroupCommit, ALoopThatStandsStillKeepsNobodyWaiting) {
    auto const store = open({});
    asio::io_context still;
    std::optional<result<void>> done;
    asio::co_spawn(still, store->insert(items, {{"_id", "1"}}),
                   [&](std::exception_ptr const&, result<void> end) { done = std::move(end); });
    ASSERT_EQ(still.poll_one(), 1U);
    EXPECT_TRUE(test::run(store->insert(items, {{"_id", "2"}})));
    EXPECT_TRUE(test::run(store->find_one(items, by_id("1"))).value());
    still.run();
    EXPECT_TRUE(done && *done);
}

}  // namespace
}  // namespace cxb::store
