#pragma once
/// @file
/// What an API under test may speak to: a worker host of its fleet, and the receiver of its CRM
/// pushes. Remembers both. Thread-safe.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/listener.hpp"

namespace cxb::cli::conformance {

/// `HOST:PORT` of `--listen`. Errors: usage.
struct listen_address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    [[nodiscard]] static result<listen_address> parse(std::string const& text);
};

class kit_host final : public worker::http_handler {
  public:
    explicit kit_host(listen_address where);
    ~kit_host() override;

    /// Errors: `unavailable`.
    [[nodiscard]] result<void> start();
    [[nodiscard]] std::string url() const;
    /// Bodies of `POST /livekit/dialout` so far.
    [[nodiscard]] std::vector<wire::json_object> dialouts() const;
    /// How often a push whose member `session` is this one came.
    [[nodiscard]] int pushes(std::string const& session) const;
    [[nodiscard]] bool wait_until(std::function<bool()> const& done,
                                  std::chrono::milliseconds at_most) const;

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    wire::http_response refusal(int status) override;

  private:
    wire::http_response take_dialout(std::string const& body);

    listen_address where_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::size_t news_ = 0;
    std::vector<wire::json_object> dialouts_;
    std::map<std::string, int> pushes_;
    std::unique_ptr<net::event_loops> loops_;
    std::unique_ptr<net::http_server> server_;
};

}  // namespace cxb::cli::conformance
