#pragma once
/// @file
/// Opens connections: resolves, asks the guard, connects, passes a proxy, does the TLS handshake,
/// all within one deadline. Failures here mean that nothing of the request was sent.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cxb/domain/http_url.hpp"
#include "cxb/net/resolver.hpp"
#include "src/net/byte_stream.hpp"
#include "src/net/proxy_choice.hpp"

namespace cxb::inline v1 {
namespace net {

/// Where a request goes: an HTTP origin or a Unix socket.
struct destination {
    std::optional<domain::http_url> url;
    std::string unix_path;
    std::string target;     ///< request target
    std::string authority;  ///< `Host`
    std::string origin;     ///< what connections are shared by
};

/// Errors: as `domain::parse_http_url`; `invalid` for a `unix:` URL without path or target.
[[nodiscard]] result<destination> parse_destination(std::string const& url);

struct connector {
    using admission =
        std::function<result<void>(domain::http_url const&, domain::ip_address const&)>;
    using steady_point = std::chrono::steady_clock::time_point;

    std::shared_ptr<resolver> names;
    std::shared_ptr<tls_context const> tls;
    admission admit;
    proxy_choice proxies;

    /// Errors: those of `admit` and the resolver, `unavailable`, `upstream_failed` (TLS),
    /// `deadline_exceeded`. `where` and this object outlive the call.
    boost::asio::awaitable<result<std::unique_ptr<byte_stream>>> open(destination const& where,
                                                                      steady_point deadline) const;

  private:
    boost::asio::awaitable<result<std::vector<domain::ip_address>>> addresses_of(
        domain::http_url const& url, steady_point deadline) const;
    boost::asio::awaitable<result<std::unique_ptr<byte_stream>>> secure(stream_socket socket,
                                                                        domain::http_url const& url,
                                                                        steady_point at) const;
};

}  // namespace net
}  // namespace cxb::inline v1
