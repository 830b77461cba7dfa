#include "cxb/net/web_socket_client.hpp"

#include "src/net/connector.hpp"
#include "src/net/web_socket.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

namespace {

// The HTTP URL of the same place.
std::string http_form(std::string url) {
    if (url.starts_with("ws://")) return "http" + url.substr(2);
    if (url.starts_with("wss://")) return "https" + url.substr(3);
    return url;
}

}  // namespace

asio::awaitable<result<std::shared_ptr<worker::media_socket>>> connect_socket(
    std::string url, socket_client_options options) {
    auto const deadline = std::chrono::steady_clock::now() + options.connect;
    CXB_CO_TRY(auto const where, parse_destination(http_form(std::move(url))));
    CXB_CO_TRY(auto tls, tls_context::for_client(options.ca_file));
    connector const open{system_resolver(), std::move(tls), {}, {}};
    CXB_CO_TRY(auto stream, co_await open.open(where, deadline));
    co_return co_await start_socket(std::move(stream), where.authority, where.target,
                                    std::move(options.headers), options.socket, deadline);
}

}  // namespace net
}  // namespace cxb::inline v1
