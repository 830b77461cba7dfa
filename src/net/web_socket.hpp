#pragma once
/// @file
/// WebSockets over a byte stream, both sides: implements worker/media_socket.hpp. Beast stays in
/// the body of this file.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "cxb/wire/http_message.hpp"
#include "cxb/worker/media_socket.hpp"
#include "src/net/byte_stream.hpp"

namespace cxb::inline v1 {
namespace net {

/// Has a request all that RFC 6455 wants of an upgrade (`Connection`, key of 16 bytes, version 13)?
[[nodiscard]] bool is_whole_upgrade(wire::http_request const& request);

/// Server side: answers 101. `early` are bytes that came behind the request. Empty when the
/// connection failed. The caller bounds the time, and closes the stream after the socket's end.
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<worker::media_socket>> accept_socket(
    std::shared_ptr<byte_stream> stream, std::string early, wire::http_request const& request,
    worker::socket_options options);

/// Client side: asks for the upgrade. Errors: `deadline_exceeded`, `unavailable` (connection lost),
/// or the error of the HTTP status that came instead of 101 (`forbidden`, `not_found`, ...).
[[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<worker::media_socket>>> start_socket(
    std::shared_ptr<byte_stream> stream, std::string authority, std::string target,
    wire::header_list headers, worker::socket_options options,
    std::chrono::steady_clock::time_point deadline);

}  // namespace net
}  // namespace cxb::inline v1
