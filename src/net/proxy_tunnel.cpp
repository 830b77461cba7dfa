#include "src/net/proxy_tunnel.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include "cxb/base/limits.hpp"
#include "cxb/version.hpp"
#include "src/net/http_parser.hpp"
#include "src/net/http_writer.hpp"
#include "src/net/read_buffer.hpp"
#include "src/net/socket_deadline.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_head = read_buffer::first_size;

error broken(boost::system::error_code ec, socket_deadline const& timer) {
    if (timer.expired()) return error{errc::deadline_exceeded, "The proxy took too long"};
    if (ec == asio::error::operation_aborted) return error{errc::cancelled, "Was cancelled"};
    return error{errc::unavailable, "The proxy closed the connection"}
        .with_reason("connect_failed")
        .with_note({ec.message()});
}

error unreadable() {
    return error{errc::upstream_failed, "The proxy's answer is not readable HTTP"}.with_reason(
        "bad_http");
}

error refused(int status) {
    bool const down = status >= 502 && status <= 504;
    return error{down ? errc::unavailable : errc::upstream_failed,
                 "The proxy refused the connection with status " + std::to_string(status)}
        .with_reason("proxy_refused");
}

}  // namespace

asio::awaitable<result<void>> open_tunnel(byte_stream& stream, proxy const& through,
                                          domain::http_url const& target,
                                          std::chrono::steady_clock::time_point deadline) {
    socket_deadline timer(co_await asio::this_coro::executor);
    timer.watch(stream.socket(), deadline);
    bool const v6 = target.address && target.address->v6;
    auto const host = v6 ? '[' + target.host + ']' : target.host;
    auto const authority = host + ':' + std::to_string(target.port);
    wire::http_request ask;
    ask.method = "CONNECT";
    if (!through.authorization.empty())
        ask.headers.add("Proxy-Authorization", through.authorization);
    std::string head;
    CXB_CO_CHECK(write_request_head(head, ask, authority, authority, 0));
    for (std::string_view left = head; !left.empty();) {
        auto const done = co_await stream.write_some({asio::buffer(left)});
        if (done.ec || timer.expired()) co_return broken(done.ec, timer);
        left.remove_prefix(done.bytes);
    }
    read_buffer buffer;
    response_parser parser(max_head, true);  // what follows is no body
    while (!parser.head_done()) {
        auto const used = parser.read_head(buffer.view());
        if (parser.fault() != 0) co_return unreadable();
        buffer.consume(used);
        if (used != 0) continue;
        if (buffer.full()) co_return unreadable();
        auto const got = co_await stream.read_some(buffer.room());
        if (got.ec || timer.expired()) co_return broken(got.ec, timer);
        buffer.filled(got.bytes);
    }
    timer.release();
    int const status = parser.response().status;
    if (status < 200 || status > 299) co_return refused(status);
    // The peer speaks TLS, in which the client begins.
    if (!buffer.empty()) co_return unreadable();
    co_return result<void>{};
}

}  // namespace net
}  // namespace cxb::inline v1
