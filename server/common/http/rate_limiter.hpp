#pragma once
/// @file
/// Which bucket a request draws from (spec 20 §3.1); the buckets are those of the domain.
///
/// | caller          | rate                   | key                                 |
/// |-----------------|------------------------|-------------------------------------|
/// | user            | domain::user_rate      | user id                             |
/// | API key         | its own, else default  | key id                              |
/// | public, links   | domain::public_rate    | client address (IPv6: its /64)      |
/// | core secret     | none                   |                                     |
///
/// Thread-safety: usable from all event loops; callers are spread over locked shards.

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "cxb/domain/token_bucket.hpp"
#include "server/common/http/principal.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

class rate_limiter {
  public:
    rate_limiter();
    ~rate_limiter();
    rate_limiter(rate_limiter const&) = delete;
    rate_limiter& operator=(rate_limiter const&) = delete;

    /// Takes one token. Empty: this caller is not limited here.
    [[nodiscard]] std::optional<domain::rate_verdict> take(rate_class how, principal const& caller,
                                                           std::string_view client_address,
                                                           std::chrono::nanoseconds now);

  private:
    struct shard;
    static constexpr std::size_t shard_count = 16;
    std::unique_ptr<std::array<shard, shard_count>> shards_;
};

}  // namespace cxb::server
