#include "cxb/worker/call_slots.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

namespace {
using namespace cxb;
using cxb::worker::call_slots;
using cxb::worker::occupancy;

TEST(CallSlots, OneSlotIsTakenAndFreesItself) {
    call_slots slots(1);
    {
        auto first = slots.acquire("c1");
        ASSERT_TRUE(first);
        EXPECT_EQ(first->call_id(), "c1");
        EXPECT_EQ(slots.calls(), 1U);
        auto second = slots.acquire("c2");
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code(), errc::at_capacity);
        EXPECT_EQ(second.error().detail(), "At capacity");
    }
    EXPECT_EQ(slots.calls(), 0U);
    EXPECT_TRUE(slots.acquire("c2"));
}

TEST(CallSlots, SameIdTwiceIsRefusedBeforeCapacity) {
    call_slots slots(1);
    auto held = slots.acquire("c1");
    auto again = slots.acquire("c1");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reason(), "already_exists");
}

TEST(CallSlots, DrainingRefusesAndReportsOnlyRunningCalls) {
    call_slots slots(3);
    auto held = slots.acquire("c1");
    slots.drain();
    slots.drain();
    EXPECT_EQ(slots.max(), 1U);
    EXPECT_TRUE(slots.draining());
    auto refused = slots.acquire("c2");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(refused.error().reason(), "draining");
    held->release();
    EXPECT_EQ(slots.now(), (occupancy{0, 0, true}));
    slots.undrain();
    EXPECT_EQ(slots.now(), (occupancy{0, 3, false}));
}

TEST(CallSlots, MovedSlotIsReleasedOnce) {
    std::vector<occupancy> seen;
    call_slots slots(2, [&](occupancy const& o) { seen.push_back(o); });
    auto a = slots.acquire("a");
    call_slots::slot moved = std::move(*a);
    EXPECT_TRUE(moved);
    EXPECT_FALSE(*a);
    moved.release();
    moved.release();
    EXPECT_FALSE(moved);
    EXPECT_EQ(seen, (std::vector<occupancy>{{1, 2, false}, {0, 2, false}}));
}

TEST(CallSlots, AssigningOverAHeldSlotFreesTheOldOne) {
    call_slots slots(2);
    auto a = slots.acquire("a");
    auto b = slots.acquire("b");
    *a = std::move(*b);
    EXPECT_EQ(slots.call_ids(), (std::vector<std::string>{"b"}));
}

TEST(CallSlots, SlotOutlivesItsSlots) {
    call_slots::slot kept;
    {
        call_slots slots(1);
        kept = *slots.acquire("a");
    }
    EXPECT_TRUE(kept);
    kept.release();
    EXPECT_FALSE(kept);
}

// 80-2: many attach and finish rounds at once leak no slot and never give one twice.
TEST(CallSlots, ManyThreadsNeverShareOrLeakASlot) {
    call_slots slots(2);
    std::atomic<int> running{0};
    std::atomic<int> taken{0};
    std::atomic<bool> over{false};
    auto const work = [&](int id) {
        for (int round = 0; round < 2000; ++round) {
            auto got = slots.acquire(std::to_string(id) + "-" + std::to_string(round));
            if (!got) continue;
            ++taken;
            if (++running > 2) over = true;
            --running;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back(work, i);
    }
    EXPECT_FALSE(over);
    EXPECT_GT(taken, 0);
    EXPECT_EQ(slots.calls(), 0U);
}

TEST(CallSlots, WaitIdleReturnsAtOnceWhenIdle) {
    boost::asio::io_context io;
    call_slots slots(1);
    bool idle = false;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            idle = co_await slots.wait_idle(std::chrono::steady_clock::now());
        },
        boost::asio::detached);
    io.run();
    EXPECT_TRUE(idle);
}

TEST(CallSlots, WaitIdleIsWokenByAReleaseOnAnotherThread) {
    boost::asio::io_context io;
    call_slots slots(1);
    auto held = slots.acquire("a");
    std::optional<bool> idle;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            idle = co_await slots.wait_idle(std::chrono::steady_clock::now() +
                                            std::chrono::seconds(30));
        },
        boost::asio::detached);
    std::jthread other;
    boost::asio::post(io, [&] { other = std::jthread([&] { held->release(); }); });
    io.run();
    EXPECT_EQ(idle, true);
}

TEST(CallSlots, WaitIdleGivesUpAtItsDeadline) {
    boost::asio::io_context io;
    call_slots slots(1);
    auto held = slots.acquire("a");
    std::optional<bool> idle;
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            idle = co_await slots.wait_idle(std::chrono::steady_clock::now());
        },
        boost::asio::detached);
    io.run();
    EXPECT_EQ(idle, false);
}

}  // namespace
