#pragma once
/// @file
/// A transport without a network: answers from a script and remembers what was asked.
///
/// ```cpp
/// testing::scripted_transport net;
/// net.fail(error{errc::unavailable}).reply(200, R"({"status":"ok"})");
/// ...                                            // code under test sends twice
/// EXPECT_EQ(net.calls()[0].request.url, "http://api/...");
/// ```
/// Steps are used up in order, whoever asks; when none is left the answer is that of `otherwise`,
/// else `errc::internal` (reason `not_scripted`). `on_sent` is called unless the step is a failure
/// whose `request_sent` is `no`. Answers come asynchronously, on the caller's executor.
/// Thread-safety: safe from any thread.

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "cxb/client/transport.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

class scripted_transport final : public client::transport {
  public:
    using answer = result<wire::http_response>;
    struct call {
        client::outgoing_request request;
        client::transport_options options;
    };

    scripted_transport& reply(int status, std::string body = {}, wire::header_list headers = {});
    scripted_transport& fail(error failure);
    /// Computes the answer from the request.
    scripted_transport& respond(std::function<answer(client::outgoing_request const&)> step);
    /// As `respond`, but may wait.
    scripted_transport& respond_later(
        std::function<boost::asio::awaitable<answer>(client::outgoing_request)> step);
    /// Answers everything beyond the script.
    scripted_transport& otherwise(std::function<answer(client::outgoing_request const&)> step);

    boost::asio::awaitable<answer> send(client::outgoing_request request,
                                        client::transport_options options) override;
    /// All requests so far, in order.
    [[nodiscard]] std::vector<call> calls() const;
    /// Steps not used yet.
    [[nodiscard]] std::size_t remaining() const;

  private:
    using step = std::function<boost::asio::awaitable<answer>(client::outgoing_request)>;
    step take(client::outgoing_request const& request, client::transport_options const& options);

    mutable std::mutex mutex_;
    std::deque<step> steps_;
    step otherwise_;
    std::vector<call> calls_;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
