#include "cxb/client/blocking.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>

namespace {
using namespace cxb;
namespace asio = boost::asio;

asio::awaitable<std::string> suspended(std::string text) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_return text + "!";
}

asio::awaitable<int> failing() {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    throw std::runtime_error("bug");
}

TEST(BlockingRunner, GivesWhatTheCoroutineReturns) {
    client::blocking_runner runner;
    EXPECT_EQ(runner.run(suspended("a")), "a!");
    EXPECT_EQ(runner.run(suspended("b")), "b!");
}

TEST(BlockingRunner, PassesExceptionsOn) {
    client::blocking_runner runner;
    EXPECT_THROW(runner.run(failing()), std::runtime_error);
    EXPECT_EQ(runner.run(suspended("still fine")), "still fine!");
}

}  // namespace
