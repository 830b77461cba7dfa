#pragma once
/// @file
/// Token buckets per caller, in this process (spec 20 §3.1).
///
/// | caller          | rate per second    | burst      | key                                  |
/// |-----------------|--------------------|------------|--------------------------------------|
/// | user            | 50                 | 100        | user id                              |
/// | API key         | its own, else 10   | twice that | key id                               |
/// | public, links   | 10                 | 40         | client address (IPv6: /64)           |
/// | core secret     | none               |            |                                      |
///
/// Thread-safety: usable from all event loops; buckets lie in locked shards. At most
/// `max_buckets` are kept: full (idle) ones go first, then any.

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/common/http/principal.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

struct rate {
    int per_second = 0;
    int burst = 0;
};

struct rate_decision {
    bool allowed = true;
    int limit = 0;      ///< burst: what a rested caller may send at once
    int remaining = 0;  ///< whole tokens left
    std::chrono::seconds reset{0};        ///< until the bucket is full again
    std::chrono::seconds retry_after{0};  ///< until one token is there; at least 1 when refused
};

/// One bucket; pure. A new one is full.
struct token_bucket {
    double tokens = 0;
    std::chrono::nanoseconds updated{0};
    /// Takes one token if there is one. `now` never runs backwards.
    rate_decision take(rate allowed, std::chrono::nanoseconds now) noexcept;
};

class rate_limiter {
  public:
    static constexpr std::size_t max_buckets = 200000;

    rate_limiter();
    ~rate_limiter();
    rate_limiter(rate_limiter const&) = delete;
    rate_limiter& operator=(rate_limiter const&) = delete;

    /// Empty: this caller is not limited here.
    [[nodiscard]] std::optional<rate_decision> take(rate_class how, principal const& caller,
                                                    std::string_view client_address,
                                                    std::chrono::nanoseconds now);
    /// Buckets held; for metrics and tests.
    [[nodiscard]] std::size_t size() const;

  private:
    struct shard;
    std::unique_ptr<std::array<shard, 16>> shards_;
};

}  // namespace cxb::server
