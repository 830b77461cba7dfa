#pragma once
/// @file
/// `CONNECT`: asks a proxy for a connection to somewhere else.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "src/net/byte_stream.hpp"
#include "src/net/proxy_choice.hpp"

namespace cxb::inline v1 {
namespace net {

/// After success `stream`, a plain one to the proxy `through`, is a connection to `target`. Errors:
/// those of proxy.hpp, `deadline_exceeded`, `cancelled`. References outlive the call.
boost::asio::awaitable<result<void>> open_tunnel(byte_stream& stream, proxy const& through,
                                                 domain::http_url const& target,
                                                 std::chrono::steady_clock::time_point deadline);

}  // namespace net
}  // namespace cxb::inline v1
