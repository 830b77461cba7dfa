#include "cxb/net/event_loops.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <set>
#include <thread>

namespace {
namespace asio = boost::asio;
using cxb::net::event_loops;

template <class Function>
auto on(event_loops const& loops, std::size_t index, Function work) {
    std::promise<decltype(work())> out;
    asio::post(loops.executor(index), [&] { out.set_value(work()); });
    return out.get_future().get();
}

TEST(EventLoops, EachLoopIsOneThread) {
    event_loops loops(3);
    loops.start();
    loops.start();
    EXPECT_EQ(loops.size(), 3U);
    std::set<std::thread::id> threads;
    for (std::size_t i = 0; i < 9; ++i) {
        threads.insert(on(loops, i, [] { return std::this_thread::get_id(); }));
    }
    EXPECT_EQ(threads.size(), 3U);
    EXPECT_EQ(threads.count(std::this_thread::get_id()), 0U);
    EXPECT_NE(loops.next(), loops.next());
    EXPECT_GE(event_loops().size(), 1U);
}

TEST(EventLoops, SignalsStayWithTheMainThread) {
    event_loops loops(1);
    loops.start();
    bool const blocked = on(loops, 0, [] {
        sigset_t now;
        pthread_sigmask(SIG_SETMASK, nullptr, &now);
        return sigismember(&now, SIGTERM) == 1 && sigismember(&now, SIGINT) == 1 &&
               sigismember(&now, SIGSEGV) == 0;
    });
    EXPECT_TRUE(blocked);
    sigset_t here;
    pthread_sigmask(SIG_SETMASK, nullptr, &here);
    EXPECT_EQ(sigismember(&here, SIGTERM), 0);
}

TEST(EventLoops, RunsCoroutinesAndPassesExceptionsOn) {
    event_loops loops(2);
    loops.start();
    bool ran = false;
    loops.run_and_wait([](bool& flag) -> asio::awaitable<void> {
        co_await asio::post(asio::use_awaitable);
        flag = true;
    }(ran));
    EXPECT_TRUE(ran);
    EXPECT_THROW(loops.run_and_wait([]() -> asio::awaitable<void> {
        throw std::runtime_error("bug");
        co_return;
    }()),
                 std::runtime_error);
}

TEST(EventLoops, TheHookHearsOfBugsAndTheLoopGoesOn) {
    std::promise<void> heard;
    event_loops loops(1, [&](std::exception_ptr const&) { heard.set_value(); });
    loops.start();
    loops.spawn(0, []() -> asio::awaitable<void> {
        throw std::runtime_error("bug");
        co_return;
    }());
    heard.get_future().get();
    EXPECT_EQ(on(loops, 0, [] { return 1; }), 1);
}

TEST(EventLoops, WaitingCoroutinesAreDestroyedAcrossLoops) {
    auto const alive = std::make_shared<int>(1);
    {
        event_loops loops(2);
        // Each waits on its own loop and holds a timer of the other one.
        for (std::size_t i = 0; i < 2; ++i) {
            auto const foreign = std::make_shared<asio::steady_timer>(loops.executor(i + 1));
            loops.spawn(i, [](auto held, auto) -> asio::awaitable<void> {
                asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::hours(1));
                co_await never.async_wait(asio::use_awaitable);
                held->cancel();
            }(foreign, alive));
        }
        loops.start();
        on(loops, 0, [] { return 0; });
        on(loops, 1, [] { return 0; });
        loops.stop();
        EXPECT_EQ(alive.use_count(), 3);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

// Says when it goes whether what it used was still there.
struct user_of {
    bool const* alive;
    bool* seen;
    ~user_of() { *seen = *alive; }
};

TEST(EventLoops, WhoWaitsCanBeEndedBeforeWhatHeUses) {
    bool alive = true;
    bool seen = false;
    event_loops loops(2);
    loops.spawn(1, [](std::unique_ptr<user_of>) -> asio::awaitable<void> {
        asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::hours(1));
        co_await never.async_wait(asio::use_awaitable);
    }(std::unique_ptr<user_of>(new user_of{&alive, &seen})));
    loops.start();
    on(loops, 1, [] { return 0; });
    loops.let_go();
    EXPECT_TRUE(seen);
    alive = false;
    loops.let_go();  // may be repeated
    asio::post(loops.executor(0), [] { ADD_FAILURE() << "the loops have ended"; });
}

}  // namespace
