#pragma once
// Requests to one origin go to a handler in this process, all others to another transport.

#include "cxb/client/transport.hpp"
#include "cxb/worker/listener.hpp"

namespace cxb::inline v1 {
namespace testing {

class handler_transport final : public client::transport {
  public:
    // `origin`: `http://host`, without a path.
    handler_transport(std::string origin, worker::http_handler& handler, client::transport& others)
        : origin_(std::move(origin)), handler_(handler), others_(others) {}

    boost::asio::awaitable<result<wire::http_response>> send(
        client::outgoing_request request, client::transport_options options) override;

  private:
    std::string origin_;
    worker::http_handler& handler_;
    client::transport& others_;
};

}  // namespace testing
}  // namespace cxb::inline v1
