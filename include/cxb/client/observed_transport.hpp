#pragma once
/// @file
/// A layer that tells a hook of every exchange: one hook for logs, one for metrics, or both.
///
/// ```cpp
/// chain.add<client::observed_transport>([](client::exchange_record const& one) {
///     std::cerr << client::to_log_text(one) << '\n';
///     seconds.Add({{"origin", one.origin}}).Observe(one.seconds());
/// });
/// ```
/// A record holds nothing that may not be logged: no headers, no bodies, no query values, and a
/// path in which only words and ids stand (see `loggable_path`).
///
/// | field           | meaning                                                                   |
/// |-----------------|---------------------------------------------------------------------------|
/// | method          | of the request                                                            |
/// | origin          | `scheme://host[:port]`, `unix:/path`; "" when the URL cannot be read      |
/// | path            | `loggable_path` of the target                                             |
/// | request_id      | `X-Request-Id` of the request, else of the answer; made safe like a path  |
/// | status          | of the answer; 0 = there was none                                         |
/// | failure, reason | of the transport, when there was no answer                                |
/// | sent            | may the peer have acted                                                   |
/// | took            | until the answer was whole, its head when streamed                        |
/// | sent_bytes      | body of the request, 0 for an upload of unknown length                    |
/// | received_bytes  | body of the answer, 0 when streamed                                       |
///
/// The hook is called once per exchange on the executor of the caller, and must not throw or
/// block. An exchange that is dropped or ends by an exception is not told.
/// Thread-safety: as the layer below; the hook may be called from several threads at once.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/client/transport_chain.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

struct exchange_record {
    std::string method;
    std::string origin;
    std::string path;
    std::string request_id;
    int status = 0;
    std::optional<errc> failure;
    std::string reason;
    sent_state sent = sent_state::no;
    std::chrono::nanoseconds took{0};
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;

    [[nodiscard]] double seconds() const noexcept {
        return std::chrono::duration<double>(took).count();
    }
};

using exchange_hook = std::function<void(exchange_record const&)>;

class observed_transport final : public transport_layer {
  public:
    /// `time` unset: the real clock.
    observed_transport(transport& inner, exchange_hook hook, clock const* time = nullptr);
    boost::asio::awaitable<result<wire::http_response>> send(outgoing_request request,
                                                             transport_options options) override;

  private:
    exchange_hook hook_;
    clock const* time_;
};

/// `POST http://api:8080 /api/v1/cdr 200 12ms sent=512 received=34 request_id=…`, or the failure
/// in place of the status: `unavailable(connection_lost) request_sent=maybe`.
[[nodiscard]] std::string to_log_text(exchange_record const& record);

/// A path and query as logs may show them: lower-case words, short plain names, 24-hex ids and
/// UUIDs stay; of a number of 7 digits or more the last 4 stay; any other segment (tokens, names)
/// and the value of every query parameter become `***`.
[[nodiscard]] std::string loggable_path(std::string_view target);

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
