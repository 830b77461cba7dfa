#include "cxb/worker/listener.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace worker {

bool asks_for_socket(wire::http_request const& request) noexcept {
    return request.method == "GET" && iequals(request.headers.get("Upgrade"), "websocket");
}

boost::asio::awaitable<void> http_handler::serve(wire::http_request /*request*/,
                                                 std::shared_ptr<media_socket> socket) {
    socket->close(close_code::internal, "");
    while (co_await socket->receive()) {
    }
}

}  // namespace worker
}  // namespace cxb::inline v1
