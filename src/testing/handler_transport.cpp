#include "src/testing/handler_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;

asio::awaitable<result<wire::http_response>> handler_transport::send(
    client::outgoing_request request, client::transport_options options) {
    if (!request.url.starts_with(origin_ + '/'))
        co_return co_await others_.send(std::move(request), std::move(options));
    co_await asio::post(asio::use_awaitable);
    if (options.on_sent) options.on_sent();
    auto message = std::move(request.message);
    auto const target = request.url.substr(origin_.size());
    auto const mark = std::min(target.find('?'), target.size());
    message.path = target.substr(0, mark);
    message.query_text = target.substr(std::min(mark + 1, target.size()));
    message.headers.set("Host", origin_.substr(origin_.find("//") + 2));
    auto verdict = co_await handler_.accept_head(message);
    if (verdict.refuse) co_return *std::move(verdict.refuse);
    co_return co_await handler_.handle(std::move(message));
}

}  // namespace testing
}  // namespace cxb::inline v1
