#pragma once
/// @file
/// When a failed delivery is tried again, and whether it may be (spec 21 §3.3).
///
/// | schedule           | waits after failures 1, 2, …                                | attempts |
/// |--------------------|-------------------------------------------------------------|----------|
/// | push_retries       | 30 s, 1, 2, 5, 15 min, 1, 3, 6, 12 h (then 12 h)            | 10       |
/// | carrier_retries    | 1, 2, 4, 8, 16, 32, 60 s (then 60 s)                        | 20       |
///
/// Each wait × random(0.8, 1.2) × scale; a longer Retry-After, cut to `retry_after_cap`, wins.
/// Thread-safety: pure functions over a given random source.

#include <chrono>
#include <optional>
#include <span>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

struct retry_schedule {
    std::span<std::chrono::seconds const> waits;  ///< not empty; the last one repeats
    int max_attempts = 10;
    double jitter_low = 0.8;
    double jitter_high = 1.2;
    std::chrono::seconds retry_after_cap{3600};
};

[[nodiscard]] retry_schedule const& push_retries() noexcept;
[[nodiscard]] retry_schedule const& carrier_retries() noexcept;

/// The wait after failure number `failures` (1 = the first). `scale` other than 1 is for tests.
[[nodiscard]] milliseconds next_wait(retry_schedule const& schedule, int failures,
                                     random_source& random,
                                     std::optional<std::chrono::seconds> retry_after = {},
                                     double scale = 1.0);

/// `attempts` made so far, the failed one included; empty when there is no further one.
[[nodiscard]] std::optional<time_point> next_attempt_at(
    retry_schedule const& schedule, int attempts, int max_attempts, time_point now,
    random_source& random, std::optional<std::chrono::seconds> retry_after = {},
    double scale = 1.0);

enum class delivery_verdict {
    delivered,              ///< 2xx
    retried,                ///< may succeed later
    dead,                   ///< the same bytes will never be taken
    dead_and_switched_off,  ///< 410: the receiver wants no more of this at all
};

/// 2xx delivered; 408, 425, 429, 5xx retried; 410 dead and switched off; all else (other 4xx,
/// 3xx, 1xx) dead.
[[nodiscard]] delivery_verdict classify_status(int http_status) noexcept;

/// A failure without a usable answer: connection, TLS and time-out faults are retried; refused by
/// the outbound guard, or a fault in rendering, dead. An error that carries a status is judged by
/// `classify_status`.
[[nodiscard]] delivery_verdict classify_failure(error const& failure) noexcept;

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
