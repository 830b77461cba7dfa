#pragma once
/// @file
/// HTTP/1.1 server over TCP, TLS or a Unix socket: implements the port of worker/listener.hpp.
///
/// - One acceptor per loop (`SO_REUSEPORT`); a connection lives and dies on one loop.
/// - Keep-alive, pipelining in order, HTTP/1.0, HEAD, `Expect: 100-continue`, chunked uploads,
///   uploads into a `body_sink`, streamed answers with back-pressure.
/// - WebSockets (RFC 6455, worker/media_socket.hpp) where the handler's verdict wants one.
/// - Refused before the handler sees it (body from `http_handler::refusal`): unreadable or
///   ambiguous framing or a body that is nearly all chunk extensions 400, head over `max_head`
///   431, body over the verdict's limit 413, slow head or body 408, more than `max_connections`
///   503. The connection is closed after each of them.
/// - A path reaches the handler as received, but only if its escapes are whole and decode to
///   UTF-8 without NUL; the absolute form of a target is reduced to its path, its authority
///   takes the place of `Host`.
///
/// Answers: `Date`, `Content-Length` or `Transfer-Encoding` and `Connection` are written by the
/// server; such members in `response.headers` are ignored (`Content-Length` counts for HEAD).
/// Lifetime: handler and loops outlive the server's connections: `co_await drain(...)` or stop the
/// loops before the handler goes.
/// Thread-safety: every member may be called from any thread.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "cxb/net/event_loops.hpp"
#include "cxb/worker/listener.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace net {

struct server_options {
    std::string address = "127.0.0.1";  ///< IP address to bind
    std::uint16_t port = 0;             ///< 0 = any free one, see `http_server::port`
    std::string unix_path;              ///< set: a Unix socket instead of TCP
    unsigned unix_mode = 0600;          ///< permissions of the socket file
    std::string tls_certificate;        ///< PEM chain file; with `tls_key`: HTTPS
    std::string tls_key;                ///< PEM key file
    std::size_t max_head = limits::request_head;
    std::chrono::milliseconds head_timeout{10000};   ///< first byte to end of head; TLS handshake
    std::chrono::milliseconds idle_timeout{75000};   ///< between requests
    std::chrono::milliseconds write_timeout{30000};  ///< without any progress
    /// Slow-reader protection: after `write_timeout` an answer must have gone out at this average.
    std::size_t min_write_rate = 1024;
    std::size_t max_connections = 16384;  ///< over all loops
    int backlog = 1024;
    /// Told what a handler threw (a bug) before 500 is answered; on the connection's loop.
    std::function<void(std::exception_ptr)> on_handler_exception;
};

/// What metrics read; grows only, except `active` and `running`.
struct server_counters {
    std::atomic<std::uint64_t> accepted{0};   ///< connections
    std::atomic<std::uint64_t> refused{0};    ///< connections over `max_connections`
    std::atomic<std::uint64_t> requests{0};   ///< heads that were read and understood
    std::atomic<std::uint64_t> rejected{0};   ///< refusals by the server itself (400, 408, ...)
    std::atomic<std::uint64_t> timed_out{0};  ///< connections ended by a deadline
    std::atomic<std::uint64_t> tls_failed{0};
    std::atomic<std::int64_t> active{0};   ///< open connections
    std::atomic<std::int64_t> running{0};  ///< requests between head and end of answer
};

class http_server {
  public:
    http_server(event_loops& loops, worker::http_handler& handler, server_options options);
    /// Closes the listening sockets and all connections at once.
    ~http_server();
    http_server(http_server const&) = delete;
    http_server& operator=(http_server const&) = delete;

    /// Binds and listens before it returns. Errors: `unavailable` (address in use, no permission,
    /// bad address), `invalid` (TLS files missing, unreadable or not matching).
    result<void> start();
    /// Reads certificate and key again; new connections use them. On error the old ones stay.
    result<void> reload_tls();
    /// Port in use, 0 for a Unix socket.
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:8080`, `https://...` or `unix:/path`.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] server_counters const& counters() const noexcept;

    /// Graceful end: stops listening, closes idle connections, lets running requests and WebSockets
    /// finish for `grace`, then closes the rest (WebSockets with 1001). True when no connection is
    /// left; false when a handler still runs (it must end, or its loop stop, before handler and
    /// server go).
    boost::asio::awaitable<bool> drain(std::chrono::milliseconds grace);

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace net
}  // namespace cxb::inline v1
CXB_EXPORT_END
