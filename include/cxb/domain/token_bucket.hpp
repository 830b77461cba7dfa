#pragma once
/// @file
/// Rate limits as token buckets (spec 20 §3.1): a caller may act `rate` times a second on average
/// and `burst` times at once.
///
/// | caller         | rate per second | burst |
/// |----------------|-----------------|-------|
/// | user           | 50              | 100   |
/// | API key        | 10 or its own   | twice |
/// | public, per IP | 10              | 40    |
///
/// Times are `clock::steady()`. Thread-safety: one thread, or a lock around a limiter.

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

struct rate_limit {
    double per_second = 10;
    double burst = 20;
};

inline constexpr rate_limit user_rate{50, 100};
inline constexpr rate_limit api_key_rate{10, 20};
inline constexpr rate_limit public_rate{10, 40};

/// Answer to one request, with the numbers of the `RateLimit-*` headers.
struct rate_verdict {
    bool allowed = true;
    int limit = 0;                        ///< `RateLimit-Limit`: the burst
    int remaining = 0;                    ///< `RateLimit-Remaining`
    std::chrono::seconds reset{0};        ///< `RateLimit-Reset`: until the bucket is full again
    std::chrono::seconds retry_after{0};  ///< when refused: until one token is there, at least 1 s
};

/// The answer for a bucket that holds `tokens` after one was taken or refused, wherever it is kept.
[[nodiscard]] rate_verdict verdict_of(rate_limit limit, bool allowed, double tokens) noexcept;

class token_bucket {
  public:
    /// Full at `now`.
    token_bucket(rate_limit limit, std::chrono::nanoseconds now) noexcept
        : limit_(limit), tokens_(limit.burst), at_(now) {}
    /// Takes one token if there is one.
    [[nodiscard]] rate_verdict take(std::chrono::nanoseconds now) noexcept;
    /// Another limit from now on; tokens above the new burst are lost.
    void change(rate_limit limit) noexcept;

  private:
    rate_limit limit_;
    double tokens_;
    std::chrono::nanoseconds at_;
};

/// One bucket per caller, at most `max_callers`; beyond that the one unused for longest goes, which
/// can only favour a caller, never refuse one.
class rate_limiter {
  public:
    explicit rate_limiter(std::size_t max_callers = 100'000) : max_callers_(max_callers) {}
    [[nodiscard]] rate_verdict take(std::string_view caller, rate_limit limit,
                                    std::chrono::nanoseconds now);
    [[nodiscard]] std::size_t size() const noexcept { return buckets_.size(); }

  private:
    struct entry {
        std::string caller;
        token_bucket bucket;
    };
    std::size_t max_callers_;
    std::list<entry> used_;  ///< most recently used first
    std::unordered_map<std::string_view, std::list<entry>::iterator> buckets_;
};

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
