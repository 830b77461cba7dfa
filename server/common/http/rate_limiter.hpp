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
/// With a shared store the buckets are those of all processes; while it fails, each process keeps
/// its own, which can only favour a caller. Without one they are this process's.
///
/// Thread-safety: usable from all event loops; callers are spread over locked shards.

#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "cxb/domain/token_bucket.hpp"
#include "cxb/store/ephemeral_store.hpp"
#include "server/common/http/principal.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

class rate_limiter {
  public:
    /// `shared` must outlive the limiter; null: every process for itself.
    explicit rate_limiter(store::ephemeral_store* shared = nullptr);
    ~rate_limiter();
    rate_limiter(rate_limiter const&) = delete;
    rate_limiter& operator=(rate_limiter const&) = delete;

    /// Takes one token. Empty: this caller is not limited here.
    [[nodiscard]] boost::asio::awaitable<std::optional<domain::rate_verdict>> take(
        rate_class how, principal const& caller, std::string_view client_address,
        std::chrono::nanoseconds now);

  private:
    struct shard;
    struct bucket {
        std::string key;
        domain::rate_limit limit;
    };
    static constexpr std::size_t shard_count = 16;

    [[nodiscard]] static std::optional<bucket> choose(rate_class how, principal const& caller,
                                                      std::string_view client_address);
    boost::asio::awaitable<std::optional<domain::rate_verdict>> draw(std::optional<bucket> from,
                                                                     std::chrono::nanoseconds now);
    [[nodiscard]] domain::rate_verdict draw_here(bucket const& from, std::chrono::nanoseconds now);

    store::ephemeral_store* shared_;
    std::unique_ptr<std::array<shard, shard_count>> shards_;
};

}  // namespace cxb::server
