#pragma once
/// @file
/// What the network tests share: a server with a handler made of lambdas, and a way to run a
/// coroutine from a test.

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "support/raw_client.hpp"

namespace cxb::net_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Echoes the request unless a test says otherwise.
class lambda_handler final : public worker::http_handler {
  public:
    using judging = std::function<worker::head_verdict(wire::http_request const&)>;
    using answering = std::function<asio::awaitable<wire::http_response>(wire::http_request)>;

    using talking =
        std::function<asio::awaitable<void>(std::shared_ptr<worker::media_socket> socket)>;

    judging on_head;
    answering on_request;
    talking on_socket;  ///< set: upgrades are taken, with `socket_options`
    worker::socket_options socket_options;

    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const& request) override;
    asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    asio::awaitable<void> serve(wire::http_request request,
                                std::shared_ptr<worker::media_socket> socket) override;
    wire::http_response refusal(int status) override;
};

using test::body_of;
using test::raw_client;
using test::status_of;

class server_test : public ::testing::Test {
  protected:
    ~server_test() override;
    /// Fast deadlines; a test changes what it is about before `serve`.
    net::server_options options;
    net::event_loops loops{2};
    lambda_handler handler;  // may hold timers of the loops
    std::unique_ptr<net::http_server> server;

    void serve();
    /// Ends everything in the right order; done by the destructor otherwise.
    bool drain(std::chrono::milliseconds grace = 5s);
    [[nodiscard]] std::uint16_t port() const { return server->port(); }
    /// Sends bytes on a new connection and returns everything until the server closes it.
    std::string exchange(std::string_view bytes) const;

    template <class T>
    T run(asio::awaitable<T> work) {
        std::optional<T> out;
        loops.run_and_wait(keep(std::move(work), out));
        return *std::move(out);
    }

  private:
    template <class T>
    static asio::awaitable<void> keep(asio::awaitable<T> work, std::optional<T>& out) {
        out.emplace(co_await std::move(work));
    }
    bool drained_ = false;
};

wire::http_response text_response(std::string body, int status = 200);
/// A body that is produced in pieces of the given size.
std::shared_ptr<wire::body_stream> stream_of(std::string bytes, std::size_t piece,
                                             bool known_length);
/// Waits until a condition holds, at most 5 s; a look every millisecond.
bool eventually(std::function<bool()> const& condition);

}  // namespace cxb::net_test
