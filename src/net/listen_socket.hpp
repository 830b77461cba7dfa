#pragma once
/// @file
/// Opens the sockets a server accepts on.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace net {

using stream_acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;
using stream_endpoint = boost::asio::generic::stream_protocol::endpoint;

/// Listens on TCP. `shared`: others may listen on the same port (`SO_REUSEPORT`).
/// Errors: `invalid` (not an IP address), `unavailable` (reason `address_in_use` or `bind_failed`).
[[nodiscard]] result<stream_acceptor> listen_tcp(boost::asio::any_io_executor const& executor,
                                                 std::string const& address, std::uint16_t port,
                                                 bool shared, int backlog);

/// Fails with `address_in_use` when somebody listens there, also with `SO_REUSEPORT`.
[[nodiscard]] result<void> check_port_free(boost::asio::any_io_executor const& executor,
                                           std::string const& address, std::uint16_t port);

/// Listens on a Unix socket; a leftover file nobody listens on is replaced. Errors as above.
[[nodiscard]] result<stream_acceptor> listen_unix(boost::asio::any_io_executor const& executor,
                                                  std::string const& path, unsigned mode,
                                                  int backlog);

/// Port of a TCP endpoint; 0 for others.
[[nodiscard]] std::uint16_t port_of(stream_endpoint const& endpoint) noexcept;
/// IP address as text, IPv4-mapped ones as IPv4; "" for Unix sockets.
[[nodiscard]] std::string address_text(stream_endpoint const& endpoint);

}  // namespace net
}  // namespace cxb::inline v1
