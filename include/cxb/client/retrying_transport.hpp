#pragma once
/// @file
/// A layer that repeats requests, for who uses a transport without `api_client` or `core_client`
/// (these repeat by the rules of their operations; do not put this layer below them).
///
/// | request                         | repeated after                       |
/// |---------------------------------|--------------------------------------|
/// | GET, HEAD, PUT, DELETE, OPTIONS | `repeatable`: 429, 5xx, lost answers |
/// | any with an Idempotency-Key     | the same                             |
/// | any other, and uploads          | `others`: only if nothing was sent   |
///
/// Waits, `Retry-After` and the bucket of tokens are those of retry_policy.hpp; all tries together
/// end with `transport_options::total`. The last answer is given as it came, whatever its status.
/// Failures are those of the layer below; `request_sent` says `maybe` when an earlier try may have
/// arrived. `on_sent` is called for each try.
/// Thread-safety: as the layer below.

#include <functional>

#include "cxb/client/retry_policy.hpp"
#include "cxb/client/transport_chain.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

/// Unset pointers: the real clock, the system's randomness; `pause` unset: a timer.
struct retrying_options {
    retry_policy policy;
    repeat_rule repeatable = repeat_rule::not_final;
    repeat_rule others = repeat_rule::not_sent;
    clock const* time = nullptr;
    random_source* random = nullptr;
    std::function<boost::asio::awaitable<void>(std::chrono::milliseconds)> pause;
};

class retrying_transport final : public transport_layer {
  public:
    explicit retrying_transport(transport& inner, retrying_options options = {});
    boost::asio::awaitable<result<wire::http_response>> send(outgoing_request request,
                                                             transport_options options) override;
    /// Tokens left for repeats.
    [[nodiscard]] double retry_tokens() const noexcept { return budget_.tokens(); }

  private:
    retrying_options options_;
    retry_budget budget_;
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
