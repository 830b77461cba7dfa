#pragma once
/// @file
/// When a client repeats a request by itself, and how long it waits first (spec 10 §12).
///
/// | rule                   | repeated after                                                     |
/// |------------------------|--------------------------------------------------------------------|
/// | never                  | nothing                                                            |
/// | not_sent               | failures with `request_sent` = no: the peer cannot have acted      |
/// | not_sent_or_full       | the same, and 429                                                  |
/// | unavailable            | `unavailable` (503, refused, reset)                                |
/// | unavailable_or_timeout | `unavailable`, `deadline_exceeded`                                 |
/// | not_final              | these, 429 and 5xx; not a redirect, TLS fault or 4xx               |
/// | config                 | what C §3.1 calls unavailable: 408, 429, 5xx, network, timeout; a  |
/// |                        | 503 that names a refusal (`outside_active_hours:` …) is final      |
///
/// Before repeat n (from 0) a client waits random(0, min(`cap`, `base` × 3^n)); a `Retry-After` is
/// kept instead if it fits the deadline, and ends the tries if it does not.
/// Thread-safety: `retry_budget` from any thread, the rest are pure functions and values.

#include <atomic>
#include <chrono>
#include <optional>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

enum class repeat_rule {
    never,
    not_sent,
    not_sent_or_full,
    unavailable,
    unavailable_or_timeout,
    not_final,
    config
};

struct retry_policy {
    int tries = 3;  ///< first try included; 1 = never repeat
    std::chrono::milliseconds base{200};
    std::chrono::milliseconds cap{2000};
};

/// Does the rule allow another try after this failure?
[[nodiscard]] bool may_retry(repeat_rule rule, error const& failure) noexcept;

/// Wait before repeat `n` (from 0), jitter included; empty when `Retry-After` is longer than
/// `left`, or nothing is left.
[[nodiscard]] std::optional<std::chrono::milliseconds> wait_before(retry_policy const& policy,
                                                                   int n, error const& failure,
                                                                   std::chrono::milliseconds left,
                                                                   random_source& random);

/// Stops retry storms: 10 tokens, each repeat takes one, each success gives 0.1 back.
class retry_budget {
  public:
    /// False: no token, do not repeat.
    [[nodiscard]] bool take() noexcept;
    void succeeded() noexcept;
    [[nodiscard]] double tokens() const noexcept { return tenths_.load() / 10.0; }

  private:
    static constexpr int full = 100;
    std::atomic<int> tenths_{full};
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
