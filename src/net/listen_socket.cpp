#include "src/net/listen_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

#include "cxb/domain/ip_address.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t max_unix_path = 107;

error cannot_bind(std::string const& place, error_code const& ec) {
    bool const taken = ec == asio::error::address_in_use;
    return error{errc::unavailable, "Cannot listen on " + place}
        .with_reason(taken ? "address_in_use" : "bind_failed")
        .with_note({ec.message()});
}

result<asio::ip::tcp::endpoint> endpoint_of(std::string const& address, std::uint16_t port) {
    error_code ec;
    auto const ip = asio::ip::make_address(address, ec);
    if (ec) return error{errc::invalid, "Not an IP address to bind: " + address};
    return asio::ip::tcp::endpoint(ip, port);
}

error_code open_and_bind(stream_acceptor& acceptor, stream_endpoint const& endpoint, bool shared) {
    error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    // A child process must not keep the port when this one lets it go.
    if (!ec) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    if (!ec) acceptor.set_option(stream_acceptor::reuse_address(true), ec);
    if (ec) return ec;
    int const on = 1;
    if (shared &&
        ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
        return {errno, boost::system::system_category()};
    }
    acceptor.bind(endpoint, ec);
    return ec;
}

// Only a socket file whose owner is gone may be replaced.
bool remove_leftover(asio::any_io_executor const& executor, std::string const& path) {
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0) return true;
    if (!S_ISSOCK(facts.st_mode)) return false;
    error_code ec;
    asio::local::stream_protocol::socket probe(executor);
    probe.connect(asio::local::stream_protocol::endpoint(path), ec);
    return ec == asio::error::connection_refused && ::unlink(path.c_str()) == 0;
}

}  // namespace

result<stream_acceptor> listen_tcp(asio::any_io_executor const& executor,
                                   std::string const& address, std::uint16_t port, bool shared,
                                   int backlog) {
    CXB_TRY(auto const endpoint, endpoint_of(address, port));
    stream_acceptor acceptor(executor);
    auto ec = open_and_bind(acceptor, endpoint, shared);
    if (!ec) acceptor.listen(backlog, ec);
    if (ec) return cannot_bind(address + ':' + std::to_string(port), ec);
    return acceptor;
}

result<void> check_port_free(asio::any_io_executor const& executor, std::string const& address,
                             std::uint16_t port) {
    CXB_TRY(auto const endpoint, endpoint_of(address, port));
    stream_acceptor probe(executor);
    if (auto const ec = open_and_bind(probe, endpoint, false)) {
        return cannot_bind(address + ':' + std::to_string(port), ec);
    }
    return {};
}

result<stream_acceptor> listen_unix(asio::any_io_executor const& executor, std::string const& path,
                                    unsigned mode, int backlog) {
    if (path.size() > max_unix_path) {
        return error{errc::invalid, "Path of the Unix socket is longer than 107 bytes"};
    }
    if (!remove_leftover(executor, path)) return cannot_bind(path, asio::error::address_in_use);
    stream_acceptor acceptor(executor);
    auto ec = open_and_bind(acceptor, asio::local::stream_protocol::endpoint(path), false);
    // Nobody can connect before listen, so the permissions are in force from the start.
    if (!ec && ::chmod(path.c_str(), mode) != 0) ec = {errno, boost::system::system_category()};
    if (!ec) acceptor.listen(backlog, ec);
    if (ec) return cannot_bind(path, ec);
    return acceptor;
}

std::uint16_t port_of(stream_endpoint const& endpoint) noexcept {
    sockaddr_storage raw{};
    std::memcpy(&raw, endpoint.data(), std::min(sizeof raw, endpoint.size()));
    if (raw.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(raw).sin_port);
    if (raw.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(raw).sin6_port);
    return 0;
}

std::string address_text(stream_endpoint const& endpoint) {
    sockaddr_storage raw{};
    std::memcpy(&raw, endpoint.data(), std::min(sizeof raw, endpoint.size()));
    domain::ip_address out;
    if (raw.ss_family == AF_INET) {
        std::memcpy(out.bytes.data(), &reinterpret_cast<sockaddr_in&>(raw).sin_addr, 4);
        return out.to_text();
    }
    if (raw.ss_family != AF_INET6) return {};
    out.v6 = true;
    std::memcpy(out.bytes.data(), &reinterpret_cast<sockaddr_in6&>(raw).sin6_addr, 16);
    auto const mapped = domain::cidr{*domain::ip_address::parse("::ffff:0:0"), 96};
    return mapped.contains(out) ? out.embedded_v4()->to_text() : out.to_text();
}

}  // namespace net
}  // namespace cxb::inline v1
