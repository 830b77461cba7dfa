#include "cxb/client/transport_chain.hpp"

namespace cxb::inline v1 {
namespace client {

// A layer may use the one below it to the last.
transport_chain::~transport_chain() {
    while (!layers_.empty())
        layers_.pop_back();
}

boost::asio::awaitable<result<wire::http_response>> transport_chain::send(
    outgoing_request request, transport_options options) {
    return outermost_->send(std::move(request), std::move(options));
}

}  // namespace client
}  // namespace cxb::inline v1
