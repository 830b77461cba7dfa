#pragma once
/// @file
/// The port a WebSocket arrives through, or is opened through (spec 10 §9): text messages both
/// ways. `src/net` implements both sides; what the messages mean is `media_protocol.hpp`.
///
/// ```cpp
/// while (auto const text = co_await socket->receive()) take(*text);   // until the end
/// log(socket->end().code);                                            // who closed, and why
/// ```
/// | event                                | what the socket does by itself                      |
/// |--------------------------------------|-----------------------------------------------------|
/// | ping of the peer                     | answers it                                          |
/// | `ping_every` passed                  | sends a ping; no pong until the next one: dropped   |
/// | message over `max_message`           | closes 1009                                         |
/// | binary message                       | closes 1003                                         |
/// | bad frame, text not UTF-8            | closes 1002, 1007                                   |
/// | close frame of the peer              | answers it                                          |
/// | more than `max_queued` bytes unsent  | drops the connection: the peer does not read        |
///
/// Control frames are only seen while `receive` waits: whoever owns a socket keeps receiving.
/// Thread-safety: the event loop of the connection. Lifetime: the object may outlive its
/// connection and the server; dropping the last pointer drops the connection.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "cxb/base/limits.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// Close codes of RFC 6455 that this project uses.
namespace close_code {
inline constexpr int normal = 1000;
inline constexpr int going_away = 1001;
inline constexpr int protocol_error = 1002;
inline constexpr int unsupported_data = 1003;
inline constexpr int lost = 1006;      ///< never sent: the connection ended without a close frame
inline constexpr int bad_text = 1007;  ///< not UTF-8
inline constexpr int policy = 1008;
inline constexpr int too_big = 1009;
inline constexpr int internal = 1011;
}  // namespace close_code

struct socket_options {
    std::size_t max_message = limits::ws_text_frame;
    std::chrono::milliseconds ping_every{20000};
    std::size_t max_queued = 256 * limits::kib;  ///< bytes given to `send` and not yet written
    std::chrono::milliseconds close_wait{2000};  ///< for what is queued and the peer's answer
};

/// How a connection ended.
struct socket_end {
    int code = close_code::lost;
    std::string reason;
    bool by_peer = false;  ///< the peer's close frame came before ours
};

class media_socket {
  public:
    media_socket() = default;
    media_socket(media_socket const&) = delete;
    media_socket& operator=(media_socket const&) = delete;
    virtual ~media_socket() = default;

    /// The next text message; empty once the connection has ended, also by `close`. One at a time.
    virtual boost::asio::awaitable<std::optional<std::string>> receive() = 0;
    /// Queues a text message. False: nothing can be sent any more.
    virtual bool send(std::string text) = 0;
    /// Sends what is queued, then a close frame (reason at most 123 bytes). `receive` ends with the
    /// peer's answer, or `close_wait` later. The first call counts.
    virtual void close(int code, std::string reason) = 0;
    /// Ends the connection at once.
    virtual void drop() noexcept = 0;
    /// Final once `receive` has ended.
    [[nodiscard]] virtual socket_end const& end() const noexcept = 0;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
