#include "src/net/connector.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/net/proxy_tunnel.hpp"
#include "src/net/socket_deadline.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_unix_path = 107;
using endpoint = asio::generic::stream_protocol::endpoint;

error too_late() {
    return error{errc::deadline_exceeded, "Connecting took too long"};
}

endpoint endpoint_of(domain::ip_address const& address, std::uint16_t port) {
    if (address.v6) return asio::ip::tcp::endpoint(asio::ip::address_v6(address.bytes), port);
    asio::ip::address_v4::bytes_type four;
    std::copy_n(address.bytes.begin(), four.size(), four.begin());
    return asio::ip::tcp::endpoint(asio::ip::address_v4(four), port);
}

result<destination> parse_unix(std::string const& url) {
    constexpr std::size_t scheme = 5;
    auto const split = url.find(":/", scheme);
    if (split == std::string::npos || url.size() <= scheme || url[scheme] != '/') {
        return error{errc::invalid, "Not of the form unix:/path:/target"}.with_reason("scheme");
    }
    auto http = domain::parse_http_url("http://localhost" + url.substr(split + 1));
    if (!http) return http.error();
    auto const path = url.substr(scheme, split - scheme);
    return destination{std::nullopt, path, http->target, http->authority(), "unix:" + path};
}

// A look-up cannot be interrupted: it goes on alone when its time is up.
asio::awaitable<result<std::vector<domain::ip_address>>> look_up(
    std::shared_ptr<resolver> names, std::string host, steady_clock::time_point deadline) {
    using answer = result<std::vector<domain::ip_address>>;
    struct pending {
        explicit pending(asio::any_io_executor const& executor) : timer(executor) {}
        asio::steady_timer timer;
        std::optional<answer> found;
        std::exception_ptr failure;
    };
    auto const executor = co_await asio::this_coro::executor;
    auto const box = std::make_shared<pending>(executor);
    box->timer.expires_at(deadline);
    asio::co_spawn(executor, names->resolve(std::move(host)),
                   [box, names](std::exception_ptr const& failure, answer found) {
                       box->failure = failure;
                       box->found = std::move(found);
                       box->timer.cancel();
                   });
    if (!box->found) co_await box->timer.async_wait(use_tuple);
    if (box->failure) std::rethrow_exception(box->failure);
    if (!box->found) co_return too_late();
    co_return *std::move(box->found);
}

// Each address gets its share of the time that is left, so that a silent one does not use it up.
asio::awaitable<result<stream_socket>> connect_first(std::vector<endpoint> endpoints,
                                                     steady_clock::time_point deadline) {
    constexpr milliseconds least{250};
    auto const executor = co_await asio::this_coro::executor;
    socket_deadline timer(executor);
    error_code last = asio::error::host_not_found;
    for (std::size_t i = 0; i < endpoints.size() && steady_clock::now() < deadline; ++i) {
        auto const now = steady_clock::now();
        auto const share = (deadline - now) / static_cast<std::int64_t>(endpoints.size() - i);
        stream_socket socket(executor);
        socket.open(endpoints[i].protocol(), last);
        if (last) continue;
        timer.watch(socket,
                    std::min(deadline, now + std::max<steady_clock::duration>(share, least)));
        auto [ec] = co_await socket.async_connect(endpoints[i], use_tuple);
        timer.release();
        last = timer.expired() ? error_code(asio::error::timed_out) : ec;
        if (!last) co_return socket;
        if (ec == asio::error::operation_aborted && !timer.expired()) {
            co_return error{errc::cancelled, "Request was cancelled"};
        }
    }
    if (steady_clock::now() >= deadline || last == asio::error::timed_out) co_return too_late();
    co_return error{errc::unavailable, "Connection failed"}
        .with_reason("connect_failed")
        .with_note({last.message()});
}

}  // namespace

result<destination> parse_destination(std::string const& url) {
    if (url.starts_with("unix:")) return parse_unix(url);
    CXB_TRY(auto http, domain::parse_http_url(url));
    destination out{std::nullopt, "", http.target, http.authority(), http.origin()};
    out.url = std::move(http);
    return out;
}

asio::awaitable<result<std::unique_ptr<byte_stream>>> connector::open(destination const& where,
                                                                      steady_point deadline) const {
    std::vector<endpoint> endpoints;
    auto const* const through = where.url ? proxies.of(*where.url) : nullptr;
    if (where.url) {
        auto const& next = through != nullptr ? through->url : *where.url;
        CXB_CO_TRY(auto const addresses, co_await addresses_of(next, deadline));
        for (auto const& address : addresses) {
            if (admit) CXB_CO_CHECK(admit(*where.url, address));
            endpoints.push_back(endpoint_of(address, next.port));
        }
    } else if (where.unix_path.size() <= max_unix_path) {
        endpoints.emplace_back(asio::local::stream_protocol::endpoint(where.unix_path));
    }
    CXB_CO_TRY(auto socket, co_await connect_first(std::move(endpoints), deadline));
    if (!where.url) co_return make_plain_stream(std::move(socket));
    error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (where.url->scheme != "https") co_return make_plain_stream(std::move(socket));
    if (through != nullptr) {
        auto const plain = make_plain_stream(std::move(socket));
        CXB_CO_CHECK(co_await open_tunnel(*plain, *through, *where.url, deadline));
        co_return co_await secure(std::move(plain->socket()), *where.url, deadline);
    }
    co_return co_await secure(std::move(socket), *where.url, deadline);
}

asio::awaitable<result<std::vector<domain::ip_address>>> connector::addresses_of(
    domain::http_url const& url, steady_point deadline) const {
    if (url.address) co_return std::vector<domain::ip_address>{*url.address};
    co_return co_await look_up(names, url.host, deadline);
}

asio::awaitable<result<std::unique_ptr<byte_stream>>> connector::secure(stream_socket socket,
                                                                        domain::http_url const& url,
                                                                        steady_point at) const {
    socket_deadline timer(co_await asio::this_coro::executor);
    auto stream = make_tls_client_stream(std::move(socket), tls, url.host, !url.address);
    timer.watch(stream->socket(), at);
    auto const ec = co_await stream->handshake();
    timer.release();
    if (timer.expired()) co_return too_late();
    if (ec) {
        co_return error{errc::upstream_failed, "TLS connection failed"}
            .with_reason("tls")
            .with_note({ec.message()});
    }
    co_return stream;
}

}  // namespace net
}  // namespace cxb::inline v1
