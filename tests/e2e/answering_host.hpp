#pragma once
// An HTTP host inside the test that answers what it is told and remembers what it was asked.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_server.hpp"

namespace cxb::e2e {

class answering_host final : public worker::http_handler {
  public:
    // `number` counts the requests from 1.
    using reply_fn = std::function<wire::http_response(wire::http_request const&, int number)>;

    explicit answering_host(reply_fn reply) : reply_(std::move(reply)) {
        server_ = std::make_unique<net::http_server>(loops_, *this, net::server_options{});
        EXPECT_TRUE(server_->start());
        loops_.start();
    }
    ~answering_host() override {
        loops_.stop();
        server_.reset();
    }

    [[nodiscard]] std::string url() const { return server_->url(); }
    // To that path, in their order.
    [[nodiscard]] std::vector<wire::http_request> asked(std::string_view path) const {
        std::scoped_lock const lock(mutex_);
        std::vector<wire::http_request> out;
        for (auto const& one : requests_)
            if (one.path == path) out.push_back(one);
        return out;
    }

    boost::asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        co_return worker::head_verdict{};
    }
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override {
        int number = 0;
        {
            std::scoped_lock const lock(mutex_);
            requests_.push_back(request);
            number = static_cast<int>(requests_.size());
        }
        co_return reply_(request, number);
    }
    wire::http_response refusal(int status) override { return json(status, "{}"); }

    static wire::http_response json(int status, std::string body) {
        wire::http_response out;
        out.status = status;
        out.headers.set("Content-Type", "application/json");
        out.body = std::move(body);
        return out;
    }

  private:
    reply_fn reply_;
    mutable std::mutex mutex_;
    std::vector<wire::http_request> requests_;
    net::event_loops loops_{1};
    std::unique_ptr<net::http_server> server_;
};

}  // namespace cxb::e2e
