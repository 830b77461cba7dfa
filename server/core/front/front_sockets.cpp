#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "cxb/net/web_socket_client.hpp"
#include "server/core/front/front.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
namespace close_code = worker::close_code;

namespace {

using socket_ptr = std::shared_ptr<worker::media_socket>;

// Ends a connection as its other half ended.
void end_like(worker::media_socket& socket, worker::socket_end const& other) {
    if (other.code == close_code::lost)
        socket.drop();
    else
        socket.close(other.code, other.reason);
}

// From the worker to its client. A worker that is lost is our fault, not the client's.
asio::awaitable<void> carry_down(socket_ptr from, socket_ptr to, std::shared_ptr<void> reserved) {
    while (auto text = co_await from->receive()) {
        reserved.reset();
        if (!to->send(*std::move(text))) break;
    }
    auto end = from->end();
    if (end.code == close_code::lost) end = {close_code::internal, "Worker lost", false};
    end_like(*to, end);
}

}  // namespace

asio::awaitable<socket_ptr> front::reach(std::size_t index, std::string target) {
    auto opened =
        co_await net::connect_socket("unix:" + table_[index].socket + ':' + std::move(target), {});
    co_return opened ? *std::move(opened) : nullptr;
}

asio::awaitable<void> front::serve(wire::http_request request, socket_ptr socket) {
    auto const executor = co_await asio::this_coro::executor;
    auto const target = request.path + (request.query_text.empty() ? "" : '?' + request.query_text);
    socket_ptr worker;
    std::shared_ptr<void> reserved;
    for (bool const only_free : {true, false}) {
        for (std::size_t index = 0; index < table_.size() && !worker; ++index) {
            auto& entry = table_[index];
            if (only_free ? !entry.is_free() : !entry.up) continue;
            ++entry.reserved;
            // Held until the worker has told of the call: with its first word it has.
            reserved = std::shared_ptr<void>(nullptr, [&entry](void*) {
                if (entry.catch_up) entry.catch_up();
                --entry.reserved;
            });
            worker = co_await reach(index, target);
        }
    }
    if (!worker) {
        socket->close(close_code::internal, "No worker answers");
        co_return;
    }
    asio::co_spawn(executor, carry_down(worker, socket, std::move(reserved)), asio::detached);
    while (auto text = co_await socket->receive())
        if (!worker->send(*std::move(text))) break;
    end_like(*worker, socket->end());
}

}  // namespace core
}  // namespace cxb::inline v1
