#pragma once
/// @file
/// One request and its answer on an open connection: writes, reads, keeps the books of what may
/// have reached the peer.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cxb/client/transport.hpp"
#include "src/net/byte_stream.hpp"
#include "src/net/connection_pool.hpp"
#include "src/net/http_parser.hpp"
#include "src/net/read_buffer.hpp"
#include "src/net/socket_deadline.hpp"

namespace cxb::inline v1 {
namespace net {

class http_exchange {
  public:
    using steady_point = std::chrono::steady_clock::time_point;

    http_exchange(connection_pool::lease lease, boost::asio::any_io_executor const& executor,
                  steady_point deadline, bool to_head);

    /// Sends head and body, reads the head of the answer. Errors: `unavailable`,
    /// `deadline_exceeded`, `upstream_failed`, `cancelled`; see `request_sent` of the error.
    boost::asio::awaitable<result<void>> start(std::string_view head,
                                               client::outgoing_request const& request,
                                               std::function<void()> const& on_sent);
    /// Reads the whole body. Errors: as above and `too_large`.
    boost::asio::awaitable<result<wire::http_response>> finish(std::size_t max_bytes);
    /// Turns the rest of the answer (not of one to HEAD) into a stream; `self` keeps connection and
    /// buffers.
    static wire::http_response as_stream(std::shared_ptr<http_exchange> self,
                                         boost::asio::any_io_executor executor,
                                         std::chrono::milliseconds progress);

    /// The connection was dead before it could serve: nothing of an answer came.
    [[nodiscard]] bool was_stale() const noexcept { return lease_.reused && lost_; }
    [[nodiscard]] bool wrote_nothing() const noexcept { return sent_ == sent_state::no; }

  private:
    struct streamed;

    boost::asio::awaitable<result<void>> write(gather pieces);
    boost::asio::awaitable<result<void>> write_upload(wire::body_stream& upload);
    boost::asio::awaitable<result<void>> read_head();
    boost::asio::awaitable<result<void>> fill();
    boost::asio::awaitable<result<bool>> read_more(std::string& out);
    error broken(boost::system::error_code ec) const;
    error unreadable() const;
    void settle();

    connection_pool::lease lease_;
    socket_deadline timer_;
    steady_point deadline_;
    std::unique_ptr<response_parser> parser_;
    read_buffer buffer_;
    sent_state sent_ = sent_state::no;
    bool to_head_;
    bool lost_ = false;  ///< the connection failed before a byte of the answer
};

}  // namespace net
}  // namespace cxb::inline v1
