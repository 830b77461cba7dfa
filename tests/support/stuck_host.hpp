#pragma once
/// @file
/// A worker host that says it is free, takes an order to dial and never answers it.

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_server.hpp"

namespace cxb::test {

class stuck_host final : public worker::http_handler {
  public:
    stuck_host() {
        server_ = std::make_unique<net::http_server>(loops_, *this, net::server_options{});
        EXPECT_TRUE(server_->start());
        loops_.start();
    }
    ~stuck_host() override {
        loops_.stop();
        server_.reset();
    }
    [[nodiscard]] std::string url() const { return server_->url(); }
    /// Orders received.
    [[nodiscard]] int dials() const noexcept { return dials_; }

    boost::asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        co_return worker::head_verdict{};
    }
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override {
        if (request.path == "/health/fleet") co_return health();
        ++dials_;
        boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                        boost::asio::steady_timer::time_point::max());
        co_await never.async_wait(boost::asio::use_awaitable);
        co_return refusal(500);
    }
    wire::http_response refusal(int status) override {
        wire::http_response out;
        out.status = status;
        return out;
    }

  private:
    static wire::http_response health() {
        wire::http_response out;
        out.status = 200;
        out.headers.set("Content-Type", "application/json");
        // More free slots than any other host of a test: it is the first choice.
        out.body =
            R"({"status":"ok","fleet_calls":0,"fleet_max":99,"fleet_available":99,"workers":[]})";
        return out;
    }

    std::atomic<int> dials_{0};
    net::event_loops loops_{1};
    std::unique_ptr<net::http_server> server_;
};

}  // namespace cxb::test
