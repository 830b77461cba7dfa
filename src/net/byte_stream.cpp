#include "src/net/byte_stream.hpp"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

struct tls_context::native {
    explicit native(ssl::context::method method) : context(method) {}
    ssl::context context;
};

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_record = 16384;

class plain_stream final : public byte_stream {
  public:
    explicit plain_stream(stream_socket socket) : socket_(std::move(socket)) {
        error_code ignored;
        socket_.non_blocking(true, ignored);
    }
    stream_socket& socket() noexcept override { return socket_; }
    asio::awaitable<io_result> read_some(asio::mutable_buffer into) override {
        auto [ec, bytes] = co_await socket_.async_read_some(into, use_tuple);
        co_return io_result{ec, bytes};
    }
    asio::awaitable<io_result> write_some(gather pieces) override {
        auto [ec, bytes] = co_await socket_.async_write_some(pieces, use_tuple);
        co_return io_result{ec, bytes};
    }
    io_result try_write(gather const& pieces) override {
        io_result out;
        out.bytes = socket_.write_some(pieces, out.ec);
        return out;
    }
    asio::awaitable<error_code> handshake() override { co_return error_code{}; }
    asio::awaitable<void> shutdown_send() override {
        error_code ignored;
        socket_.shutdown(stream_socket::shutdown_send, ignored);
        co_return;
    }
    [[nodiscard]] bool is_tls() const noexcept override { return false; }

  private:
    stream_socket socket_;
};

class tls_stream final : public byte_stream {
  public:
    tls_stream(stream_socket socket, std::shared_ptr<tls_context const> context, bool server)
        : context_(std::move(context)),
          stream_(std::move(socket), context_->get().context),
          side_(server ? ssl::stream_base::server : ssl::stream_base::client) {}

    ssl::stream<stream_socket>& stream() noexcept { return stream_; }
    stream_socket& socket() noexcept override { return stream_.next_layer(); }
    asio::awaitable<io_result> read_some(asio::mutable_buffer into) override {
        auto [ec, bytes] = co_await stream_.async_read_some(into, use_tuple);
        co_return io_result{ec, bytes};
    }
    // Small pieces go out as one record.
    asio::awaitable<io_result> write_some(gather pieces) override {
        std::string joined;
        auto first = asio::const_buffer();
        if (asio::buffer_size(pieces) <= max_record) {
            for (auto const& piece : pieces) {
                joined.append(static_cast<char const*>(piece.data()), piece.size());
            }
            first = asio::buffer(joined);
        } else {
            for (auto const& piece : pieces) {
                if (first.size() == 0) first = piece;
            }
        }
        auto [ec, bytes] = co_await stream_.async_write_some(first, use_tuple);
        co_return io_result{ec, bytes};
    }
    io_result try_write(gather const&) override { return {asio::error::would_block, 0}; }
    asio::awaitable<error_code> handshake() override {
        auto [ec] = co_await stream_.async_handshake(side_, use_tuple);
        co_return ec;
    }
    // Sends close_notify, then waits for the peer's: the caller bounds it.
    asio::awaitable<void> shutdown_send() override {
        co_await stream_.async_shutdown(use_tuple);
        error_code ignored;
        socket().shutdown(stream_socket::shutdown_send, ignored);
    }
    [[nodiscard]] bool is_tls() const noexcept override { return true; }

  private:
    std::shared_ptr<tls_context const> context_;
    ssl::stream<stream_socket> stream_;
    ssl::stream_base::handshake_type side_;
};

error bad_file(char const* detail, std::string const& path, error_code const& ec) {
    return error{errc::invalid, detail}.with_note({path + ": " + ec.message()});
}

void require_modern(ssl::context& context) {
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

}  // namespace

void advance(gather& pieces, std::size_t bytes) noexcept {
    for (auto& piece : pieces) {
        auto const part = std::min(bytes, piece.size());
        piece += part;
        bytes -= part;
    }
}

void byte_stream::cancel() noexcept {
    error_code ignored;
    socket().cancel(ignored);
}

void byte_stream::close() noexcept {
    error_code ignored;
    socket().close(ignored);
}

bool byte_stream::is_quiet() noexcept {
    char byte = 0;
    auto const got =
        ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT | MSG_NOSIGNAL);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool byte_stream::peer_closed() noexcept {
    pollfd asked{socket().native_handle(), POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) > 0;
}

result<std::shared_ptr<tls_context const>> tls_context::for_server(std::string const& certificate,
                                                                   std::string const& key) {
    auto inner = std::make_shared<native>(ssl::context::tls_server);
    require_modern(inner->context);
    error_code ec;
    inner->context.use_certificate_chain_file(certificate, ec);
    if (ec) return bad_file("TLS certificate cannot be used", certificate, ec);
    inner->context.use_private_key_file(key, ssl::context::pem, ec);
    if (ec) return bad_file("TLS key cannot be used", key, ec);
    if (SSL_CTX_check_private_key(inner->context.native_handle()) != 1) {
        return error{errc::invalid, "TLS key does not belong to the certificate"};
    }
    return std::make_shared<tls_context const>(std::move(inner));
}

result<std::shared_ptr<tls_context const>> tls_context::for_client(std::string const& ca_file) {
    auto inner = std::make_shared<native>(ssl::context::tls_client);
    require_modern(inner->context);
    error_code ec;
    if (ca_file.empty()) {
        inner->context.set_default_verify_paths(ec);
    } else {
        inner->context.load_verify_file(ca_file, ec);
    }
    if (ec) return bad_file("TLS roots cannot be used", ca_file, ec);
    inner->context.set_verify_mode(ssl::verify_peer);
    return std::make_shared<tls_context const>(std::move(inner));
}

std::unique_ptr<byte_stream> make_plain_stream(stream_socket socket) {
    return std::make_unique<plain_stream>(std::move(socket));
}

std::unique_ptr<byte_stream> make_tls_server_stream(stream_socket socket,
                                                    std::shared_ptr<tls_context const> context) {
    return std::make_unique<tls_stream>(std::move(socket), std::move(context), true);
}

std::unique_ptr<byte_stream> make_tls_client_stream(stream_socket socket,
                                                    std::shared_ptr<tls_context const> context,
                                                    std::string const& host, bool host_is_name) {
    auto out = std::make_unique<tls_stream>(std::move(socket), std::move(context), false);
    out->stream().set_verify_callback(ssl::host_name_verification(host));
    if (host_is_name) SSL_set_tlsext_host_name(out->stream().native_handle(), host.c_str());
    return out;
}

}  // namespace net
}  // namespace cxb::inline v1
