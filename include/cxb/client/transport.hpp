#pragma once
/// @file
/// The port outgoing HTTP goes through. `src/net` implements it with pooled connections; tests and
/// users plug in their own.
///
/// A transport sends one request to one origin and gives the whole response, or a failure:
/// `unavailable` (refused, reset, pool full), `deadline_exceeded`, `upstream_failed` (TLS, bad
/// HTTP), `too_large` (answer over `max_response_bytes`), `blocked` (outbound guard; `reason` is
/// the word of spec 20 §3.4). `error::request_sent()` tells whether the peer may have acted.
/// Redirects are never followed; any status is a success of the transport.
/// Thread-safety: usable from any executor; the completion arrives on the caller's.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "cxb/base/limits.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

/// Deadlines count from the start of the call; `total` bounds everything.
struct transport_options {
    std::chrono::milliseconds connect{2000};
    std::chrono::milliseconds total{15000};
    std::size_t max_response_bytes = limits::mib;
    /// Called once the last byte of the request has been handed to the kernel.
    std::function<void()> on_sent;
    /// The answer is returned after its head, with `response.stream` instead of `body`, to be read
    /// on the same executor; `total` then ends with the head and `max_response_bytes` is not used.
    bool stream = false;
};

/// A request to an absolute `http://`, `https://` or `unix:/path/to.sock:/target` URL. Only
/// `method`, `headers` and `body` of `message` are used.
struct outgoing_request {
    std::string url;
    wire::http_request message;
    /// Set: sent as the body instead of `message.body`; must know its length and never wait.
    std::shared_ptr<wire::body_stream> upload;
};

class transport {
  public:
    transport() = default;
    transport(transport const&) = delete;
    transport& operator=(transport const&) = delete;
    virtual ~transport() = default;
    virtual boost::asio::awaitable<result<wire::http_response>> send(outgoing_request request,
                                                                     transport_options options) = 0;
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
