#include "server/common/async/keyed_turn.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

namespace cxb::server {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> visit(keyed_turn& turns, std::string key, std::atomic<int>& inside,
                            std::atomic<int>& most, std::atomic<int>& done) {
    for (int i = 0; i < 50; ++i) {
        auto const turn = co_await turns.take(key);
        int const now = ++inside;
        if (now > most) most = now;
        co_await asio::post(asio::use_awaitable);
        --inside;
    }
    ++done;
}

TEST(KeyedTurn, OneAtATimePerKeyOverSeveralLoops) {
    keyed_turn turns;
    asio::io_context loops[2];
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    std::atomic<int> done{0};
    for (int i = 0; i < 20; ++i)
        asio::co_spawn(loops[i % 2], visit(turns, "s1", inside, most, done), asio::detached);
    std::thread other([&] { loops[1].run(); });
    loops[0].run();
    other.join();
    EXPECT_EQ(done, 20);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(turns.size(), 0U);
}

TEST(KeyedTurn, OtherKeysDoNotWait) {
    keyed_turn turns;
    asio::io_context loop;
    bool second_in = false;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            auto const a = co_await turns.take("a");
            auto const b = co_await turns.take("b");
            second_in = true;
        },
        asio::detached);
    loop.run();
    EXPECT_TRUE(second_in);
}

// At a stop what still runs ends after the parts it works with: it must not look for them.
TEST(KeyedTurn, AHoldMayOutliveTheTurns) {
    asio::io_context loop;
    auto turns = std::make_unique<keyed_turn>();
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(
            loop,
            [](keyed_turn& all) -> asio::awaitable<void> {
                auto const turn = co_await all.take("a");
                asio::steady_timer never(co_await asio::this_coro::executor,
                                         asio::steady_timer::time_point::max());
                co_await never.async_wait(asio::use_awaitable);
            }(*turns),
            asio::detached);
    loop.poll();
    EXPECT_EQ(turns->size(), 1U);
    std::optional<keyed_turn::hold> mine;
    asio::co_spawn(
        loop,
        [](keyed_turn& all, std::optional<keyed_turn::hold>& out) -> asio::awaitable<void> {
            out.emplace(co_await all.take("b"));
        }(*turns, mine),
        asio::detached);
    loop.poll();
    ASSERT_TRUE(mine);
    turns.reset();
    mine.reset();
}

}  // namespace
}  // namespace cxb::server
