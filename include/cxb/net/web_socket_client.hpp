#pragma once
/// @file
/// Opens a WebSocket to `ws://`, `wss://` or `unix:/path:/target`. For tests, tools and whatever
/// stands in front of workers.
///
/// ```cpp
/// auto socket = co_await net::connect_socket("ws://127.0.0.1:8001/ws/65f0", {});
/// ```
/// Errors: `invalid` (bad URL), `unavailable` (no connection, or lost), `deadline_exceeded`, or the
/// error of the HTTP status that came instead of 101 (`forbidden`, `not_found`, ...; `status()` is
/// that number). TLS verifies chain and name.
/// Thread-safety: one coroutine on one loop.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "cxb/base/result.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/worker/media_socket.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace net {

struct socket_client_options {
    worker::socket_options socket;
    wire::header_list headers;                ///< sent with the upgrade
    std::chrono::milliseconds connect{5000};  ///< until the server has answered
    std::string ca_file;                      ///< PEM roots; "" = the system's
};

[[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<worker::media_socket>>> connect_socket(
    std::string url, socket_client_options options);

}  // namespace net
}  // namespace cxb::inline v1
CXB_EXPORT_END
