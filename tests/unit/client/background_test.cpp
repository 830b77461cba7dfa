#include "cxb/client/background.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>

#include "cxb/client/api_client.hpp"
#include "cxb/testing/scripted_transport.hpp"

namespace {
using namespace cxb;
namespace asio = boost::asio;
using answer = result<wire::http_response>;

// Waits until it is cancelled; `begun` is told first.
asio::awaitable<result<int>> endless(std::promise<void>* begun) {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
    begun->set_value();
    co_await timer.async_wait(asio::use_awaitable);
    co_return 1;
}

asio::awaitable<result<int>> failing() {
    throw std::runtime_error("bug");
    co_return 1;
}

struct Background : ::testing::Test {
    cxb::testing::scripted_transport net;
    client::api_client api{[this] {
        client::client_options out;
        out.base_url = "http://peer:1";
        out.transport = &net;
        return out;
    }()};
    client::background_runner runner;  // last: ends before what its calls use
};

TEST_F(Background, ACallbackGetsTheResult) {
    net.reply(200, "{}").reply(404, R"({"detail":"none"})");
    std::promise<std::pair<int, std::thread::id>> first;
    runner.start(api.send({.target = "/x"}), [&first](answer got) {
        first.set_value({got->status, std::this_thread::get_id()});
    });
    auto const [status, thread] = first.get_future().get();
    EXPECT_EQ(status, 200);
    EXPECT_NE(thread, std::this_thread::get_id());
    std::promise<errc> second;
    runner.start(api.send({.target = "/x"}),
                 [&second](answer got) { second.set_value(got.error().code()); });
    EXPECT_EQ(second.get_future().get(), errc::not_found);
}

TEST_F(Background, AFutureGetsTheResult) {
    net.reply(200, "{}");
    EXPECT_EQ(runner.submit(api.send({.target = "/x"})).get()->status, 200);
}

TEST_F(Background, ACancelledCallSaysSo) {
    std::promise<void> begun;
    std::promise<error> ended;
    auto const call = runner.start(endless(&begun), [&ended](result<int> got) {
        ended.set_value(got.has_value() ? error{errc::internal} : got.error());
    });
    begun.get_future().wait();
    call.cancel();
    auto const failure = ended.get_future().get();
    EXPECT_EQ(failure.code(), errc::cancelled);
    EXPECT_EQ(failure.request_sent(), sent_state::maybe);
    call.cancel();  // has ended
    client::call_handle().cancel();
}

TEST_F(Background, AnExceptionIsAnInternalFailure) {
    auto const got = runner.submit(failing()).get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::internal);
    EXPECT_EQ(got.error().note(), "bug");
}

TEST_F(Background, WaitingEndsWhenAllCallsHaveEnded) {
    std::atomic<int> ended{0};
    for (int i = 0; i < 20; ++i) {
        net.reply(200, "{}");
        runner.start(api.send({.target = "/x"}), [&ended](answer const&) { ++ended; });
    }
    runner.wait();
    EXPECT_EQ(ended, 20);
}

TEST_F(Background, StoppingDropsWhatHasNotEnded) {
    std::promise<void> begun;
    std::atomic<bool> called{false};
    std::future<result<int>> broken;
    {
        client::background_runner other;
        other.start(endless(&begun), [&called](result<int> const&) { called = true; });
        begun.get_future().wait();
        std::promise<void> again;
        auto const both = again.get_future();
        broken = other.submit(endless(&again));
        both.wait();
        other.stop();
        other.stop();
    }
    EXPECT_FALSE(called);
    EXPECT_THROW((void)broken.get(), std::future_error);
}

TEST_F(Background, AnOwnLoopRunsCallsToo) {
    net.reply(200, "{}");
    asio::io_context loop;
    int status = 0;
    client::start_call(loop.get_executor(), api.send({.target = "/x"}),
                       [&status](answer got) { status = got->status; });
    loop.run();
    EXPECT_EQ(status, 200);
}

}  // namespace
