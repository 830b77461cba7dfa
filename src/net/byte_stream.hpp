#pragma once
/// @file
/// A connected socket, plain or with TLS over it, TCP or Unix: the only thing HTTP code reads and
/// writes. OpenSSL stays in the body.
///
/// Not thread-safe: used on the event loop of its executor.

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <string>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace net {

using stream_socket = boost::asio::generic::stream_protocol::socket;

/// Result of one read or write; `bytes` may be less than asked for.
struct io_result {
    boost::system::error_code ec;
    std::size_t bytes = 0;
};

/// Up to three pieces that are sent as one; empty ones are skipped.
using gather = std::array<boost::asio::const_buffer, 3>;

/// Drops the first `bytes` bytes.
void advance(gather& pieces, std::size_t bytes) noexcept;

class byte_stream {
  public:
    byte_stream() = default;
    byte_stream(byte_stream const&) = delete;
    byte_stream& operator=(byte_stream const&) = delete;
    virtual ~byte_stream() = default;

    [[nodiscard]] virtual stream_socket& socket() noexcept = 0;
    virtual boost::asio::awaitable<io_result> read_some(boost::asio::mutable_buffer into) = 0;
    virtual boost::asio::awaitable<io_result> write_some(gather pieces) = 0;
    /// Writes what goes without waiting; `would_block` when nothing does.
    virtual io_result try_write(gather const& pieces) = 0;
    /// TLS only: the handshake. Plain streams succeed at once.
    virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
    /// Tells the peer that nothing more comes (TLS close_notify, then FIN).
    virtual boost::asio::awaitable<void> shutdown_send() = 0;
    [[nodiscard]] virtual bool is_tls() const noexcept = 0;

    /// Ends waiting reads and writes with `operation_aborted`; the stream stays usable.
    void cancel() noexcept;
    void close() noexcept;
    /// An idle connection that has bytes waiting or was closed by the peer is of no more use.
    [[nodiscard]] bool is_quiet() noexcept;
    /// The peer sends nothing more, whether or not all it sent was read.
    [[nodiscard]] bool peer_closed() noexcept;
};

/// Settings and certificates of TLS, shared by connections. Immutable once made.
class tls_context {
  public:
    struct native;
    explicit tls_context(std::shared_ptr<native> inner) : native_(std::move(inner)) {}
    /// Errors: `invalid` (file missing, not PEM, key of another certificate).
    [[nodiscard]] static result<std::shared_ptr<tls_context const>> for_server(
        std::string const& certificate, std::string const& key);
    /// "" = the system's roots. Errors: `invalid`.
    [[nodiscard]] static result<std::shared_ptr<tls_context const>> for_client(
        std::string const& ca_file);
    [[nodiscard]] native& get() const noexcept { return *native_; }

  private:
    std::shared_ptr<native> native_;
};

[[nodiscard]] std::unique_ptr<byte_stream> make_plain_stream(stream_socket socket);
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_server_stream(
    stream_socket socket, std::shared_ptr<tls_context const> context);
/// Verifies that the peer's certificate is for `host` (a name or an address).
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_client_stream(
    stream_socket socket, std::shared_ptr<tls_context const> context, std::string const& host,
    bool host_is_name);

}  // namespace net
}  // namespace cxb::inline v1
