#pragma once
/// @file
/// Outgoing HTTP/1.1 with pooled keep-alive connections: implements client/transport.hpp.
///
/// - Pool: per event loop and origin at most `max_connections`; up to `max_waiting` further
///   requests wait their turn, more fail with `unavailable` (reason `pool_full`).
/// - Deadlines of `transport_options` cover everything, waiting for a connection included.
/// - TLS: TLS 1.2 or later, chain and name verified, SNI sent. There is no switch to leave the
///   verification out: a private authority is named by `ca_file`.
/// - Proxies: none unless `proxies` names one, see proxy.hpp.
/// - `request_sent` of an error: `no` while not a byte was written; `maybe` from then on; `yes`
///   once the peer began to answer.
/// - A kept-alive connection that turns out dead before a byte of the answer came is replaced once:
///   when nothing could be written, or the method is idempotent. Else the error says `maybe`.
/// - `Host`, `Content-Length`, `Transfer-Encoding`, `Connection` are written here and ignored in
///   the request's headers; `User-Agent: cxb/<version>` unless the request has one.
/// - With `transport_options::stream` the answer is returned after its head; read its `stream` on
///   the same event loop. Dropping it closes the connection.
///
/// Thread-safety: one object serves any number of loops; each keeps its own connections.
/// Lifetime: destroyed after the calls ended or their loops stopped; the loops may go first.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cxb/client/transport.hpp"
#include "cxb/domain/http_url.hpp"
#include "cxb/domain/ip_address.hpp"
#include "cxb/net/proxy.hpp"
#include "cxb/net/resolver.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace net {

struct http_client_options {
    std::string ca_file;  ///< PEM roots for TLS; "" = the system's
    std::size_t max_connections = 16;
    std::size_t max_waiting = 100;
    std::chrono::milliseconds idle_limit{30000};       ///< unused connections are closed after it
    std::chrono::milliseconds stream_progress{30000};  ///< streamed answers: longest silence
    std::shared_ptr<resolver> names;                   ///< unset = `system_resolver()`
    /// Asked for every address of a name before any connection is made; one refusal refuses all.
    std::function<result<void>(domain::http_url const&, domain::ip_address const&)> admit;
    proxy_settings proxies;
};

struct client_counters {
    std::atomic<std::uint64_t> connections{0};  ///< opened so far
    std::atomic<std::uint64_t> reused{0};       ///< requests sent on a kept connection
    std::atomic<std::uint64_t> retried{0};      ///< stale connections replaced
};

class http_client final : public client::transport {
  public:
    /// Errors: `invalid` when `ca_file` cannot be read, a proxy is not usable, or there is a proxy
    /// beside `admit`.
    [[nodiscard]] static result<std::unique_ptr<http_client>> create(
        http_client_options options = {});
    ~http_client() override;

    boost::asio::awaitable<result<wire::http_response>> send(
        client::outgoing_request request, client::transport_options options) override;
    [[nodiscard]] client_counters const& counters() const noexcept;

  private:
    struct state;
    explicit http_client(std::shared_ptr<state> inner);
    std::shared_ptr<state> state_;
};

}  // namespace net
}  // namespace cxb::inline v1
CXB_EXPORT_END
