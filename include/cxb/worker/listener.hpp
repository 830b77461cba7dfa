#pragma once
/// @file
/// The port incoming HTTP arrives through. `src/net` implements it (TCP, TLS or a Unix socket);
/// `worker_host` and our servers only provide the handler.
///
/// The listener reads a whole request (after `accept_head` allowed it), calls `handle` and sends
/// the answer; keep-alive, pipelining order, header and body limits, slow-peer protection and
/// graceful drain are its business. Handlers run on the connection's own event loop.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "cxb/base/limits.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/worker/media_socket.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// What to do with a request once its head was read, before its body. `refuse` set: that answer
/// is sent, the body is not read. `sink` set: the body goes there piece by piece and
/// `request.body` stays empty in `handle`.
struct head_verdict {
    std::size_t max_body = limits::default_body;
    std::chrono::milliseconds body_deadline{30000};  ///< whole body; with a sink: since last piece
    std::optional<wire::http_response> refuse;
    std::shared_ptr<wire::body_sink> sink;  ///< handed back as `request.sink`
    std::shared_ptr<void> context;          ///< handed back as `request.context`
    /// Set on a request that `asks_for_socket`: it becomes a WebSocket and `serve` is called
    /// instead of `handle`. A request whose upgrade is incomplete gets 400.
    std::optional<socket_options> socket;
};

/// Does a request's head ask for a WebSocket (GET with `Upgrade: websocket`)?
[[nodiscard]] bool asks_for_socket(wire::http_request const& request) noexcept;

class http_handler {
  public:
    http_handler() = default;
    http_handler(http_handler const&) = delete;
    http_handler& operator=(http_handler const&) = delete;
    virtual ~http_handler() = default;
    /// Judges a request by its head. `request.body` is empty.
    virtual boost::asio::awaitable<head_verdict> accept_head(wire::http_request const& request) = 0;
    /// Answers a request. Must not throw; the listener answers 500 if it does.
    virtual boost::asio::awaitable<wire::http_response> handle(wire::http_request request) = 0;
    /// Talks over a WebSocket until `receive` ended; the connection ends with it. Only called where
    /// `accept_head` set `socket`; what it throws drops the connection. Default: closes 1011.
    virtual boost::asio::awaitable<void> serve(wire::http_request request,
                                               std::shared_ptr<media_socket> socket);
    /// Answer for a request the listener itself refuses: 400 (unreadable), 408, 413, 431, 503.
    virtual wire::http_response refusal(int status) = 0;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
