#pragma once
/// @file
/// Ends what waits on a socket when a moment has passed. One timer per request, re-armed for each
/// step. Used on the event loop of its executor.

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>

#include "src/net/byte_stream.hpp"

namespace cxb::inline v1 {
namespace net {

class socket_deadline {
  public:
    using steady_point = std::chrono::steady_clock::time_point;

    explicit socket_deadline(boost::asio::any_io_executor const& executor);
    socket_deadline(socket_deadline&&) = default;
    socket_deadline& operator=(socket_deadline&&) = delete;
    ~socket_deadline();

    /// Cancels the socket's operations at `at`, unless released or moved to another moment before.
    void watch(stream_socket& socket, steady_point at);
    void release();
    /// The last watch came to its moment.
    [[nodiscard]] bool expired() const noexcept;

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace net
}  // namespace cxb::inline v1
