// Signals, ready file, threads for blocking work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <fstream>
#include <future>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "server/common/process/blocking_pool.hpp"
#include "server/common/process/exit_code.hpp"
#include "server/common/process/ready_file.hpp"
#include "server/common/process/stop_signals.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;

std::string content(std::filesystem::path const& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ReadyFile, AppearsWholeAndGoes) {
    test::scratch_dir folder;
    auto const path = folder / "ready";
    {
        auto const file = ready_file::write(path, "http://127.0.0.1:4711");
        ASSERT_TRUE(file);
        EXPECT_EQ(content(path), "{\"pid\":" + std::to_string(::getpid()) +
                                     ",\"url\":\"http://127.0.0.1:4711\"}\n");
        EXPECT_FALSE(std::filesystem::exists(folder / "ready.tmp"));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ReadyFile, MovesAndFails) {
    test::scratch_dir folder;
    auto first = ready_file::write(folder / "a", "u").value();
    {
        auto second = ready_file::write(folder / "b", "u").value();
        second = std::move(first);
        EXPECT_FALSE(std::filesystem::exists(folder / "b"));
        EXPECT_TRUE(std::filesystem::exists(folder / "a"));
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "a"));
    EXPECT_TRUE(ready_file::write({}, "u"));
    EXPECT_EQ(ready_file::write(folder / "none/x", "u").error().code(), errc::unavailable);
}

TEST(StopSignals, FirstStopsSecondStopsAtOnceHangUpReloads) {
    asio::io_context loop;
    std::vector<std::string> seen;
    std::unique_ptr<stop_signals> signals;
    // Each signal is raised once the former was handled, so their order is certain.
    signals = std::make_unique<stop_signals>(loop.get_executor(),
                                             signal_actions{.stop =
                                                                [&] {
                                                                    seen.emplace_back("stop");
                                                                    ::raise(SIGINT);
                                                                },
                                                            .reload =
                                                                [&] {
                                                                    seen.emplace_back("reload");
                                                                    ::raise(SIGTERM);
                                                                },
                                                            .stop_now =
                                                                [&] {
                                                                    seen.emplace_back("now");
                                                                    signals->release();
                                                                }});
    ::raise(SIGPIPE);
    ::raise(SIGHUP);
    loop.run();
    EXPECT_THAT(seen, ::testing::ElementsAre("reload", "stop", "now"));
}

TEST(StopSignalsDeathTest, ASecondSignalEndsTheProcessWith130) {
    auto const run = [] {
        asio::io_context loop;
        stop_signals signals(loop.get_executor(), {.stop = [] { ::raise(SIGTERM); }});
        ::raise(SIGTERM);
        loop.run();
    };
    EXPECT_EXIT(run(), ::testing::ExitedWithCode(130), "");
}

TEST(ExitCodes, AreThoseOfTheSpecification) {
    EXPECT_EQ(to_int(exit_code::bad_settings), 78);
    EXPECT_EQ(to_int(exit_code::cannot_create), 73);
    EXPECT_EQ(to_int(exit_code::unavailable), 69);
    EXPECT_EQ(to_int(exit_code::stopped_twice), 130);
}

TEST(BlockingPool, RunsElsewhereAndComesBack) {
    blocking_pool pool({.threads = 2, .queue = 8});
    auto const work = [&]() -> asio::awaitable<int> {
        auto const here = std::this_thread::get_id();
        auto const there = co_await pool.submit([] { return std::this_thread::get_id(); });
        EXPECT_NE(here, there.value());
        EXPECT_EQ(here, std::this_thread::get_id());
        auto const nothing = co_await pool.submit([] {});
        EXPECT_TRUE(nothing.has_value());
        auto const refused = co_await pool.submit(
            []() -> result<std::string> { return error{errc::conflict, "no"}; });
        EXPECT_EQ(refused.error().code(), errc::conflict);
        auto const flat = co_await pool.submit([]() -> result<int> { return 7; });
        co_return flat.value();
    };
    EXPECT_EQ(test::run(work()), 7);
}

TEST(BlockingPool, RethrowsToTheCaller) {
    blocking_pool pool({.threads = 1, .queue = 8});
    auto const work = [&]() -> asio::awaitable<int> {
        (void)co_await pool.submit([]() -> int { throw std::runtime_error("bug"); });
        co_return 0;
    };
    EXPECT_THROW((void)test::run(work()), std::runtime_error);
}

TEST(BlockingPool, AFullQueueAnswersAtOnce) {
    blocking_pool pool({.threads = 1, .queue = 1});
    std::promise<void> begun;
    std::promise<void> release;
    ASSERT_TRUE(pool.try_post([&, until = release.get_future().share()] {
        begun.set_value();
        until.wait();
    }));
    begun.get_future().wait();
    ASSERT_TRUE(pool.try_post([] {}));
    EXPECT_EQ(pool.waiting(), 1U);
    EXPECT_FALSE(pool.try_post([] {}));
    auto const work = [&]() -> asio::awaitable<int> {
        auto const refused = co_await pool.submit([] { return 1; });
        EXPECT_EQ(refused.error().code(), errc::unavailable);
        EXPECT_EQ(refused.error().retry_after(), std::chrono::seconds{1});
        co_return 1;
    };
    EXPECT_EQ(test::run(work()), 1);
    release.set_value();
    pool.close();
    EXPECT_FALSE(pool.try_post([] {}));
}

TEST(BlockingPool, ManyCallersOfManyLoops) {
    blocking_pool pool({.threads = 3, .queue = 10000});
    std::atomic<int> sum{0};
    auto const work = [&](int i) -> asio::awaitable<void> {
        auto const got = co_await pool.submit([i] { return i; });
        sum += got.value();
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            asio::io_context loop;
            for (int i = 0; i < 300; ++i)
                asio::co_spawn(loop, work(i), asio::detached);
            loop.run();
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(sum, 3 * 300 * 299 / 2);
}

}  // namespace
}  // namespace cxb::server
