#include "server/common/http/rate_limiter.hpp"

#include <functional>
#include <mutex>
#include <string>

#include "cxb/domain/ip_address.hpp"

namespace cxb::server {
namespace {

// An IPv6 customer owns a whole /64.
std::string address_key(std::string_view address) {
    auto read = domain::ip_address::parse(address);
    if (!read || !read->v6 || read->embedded_v4()) return "ip:" + std::string(address);
    std::fill(read->bytes.begin() + 8, read->bytes.end(), std::uint8_t{0});
    return "ip:" + read->to_text();
}

}  // namespace

struct rate_limiter::shard {
    std::mutex mutex;
    domain::rate_limiter buckets;
};

rate_limiter::rate_limiter() : shards_(std::make_unique<std::array<shard, shard_count>>()) {}
rate_limiter::~rate_limiter() = default;

std::optional<domain::rate_verdict> rate_limiter::take(rate_class how, principal const& caller,
                                                       std::string_view client_address,
                                                       std::chrono::nanoseconds now) {
    if (how == rate_class::none) return std::nullopt;
    if (how == rate_class::by_caller && caller.kind == principal_kind::core) return std::nullopt;
    std::string key;
    domain::rate_limit limit = domain::public_rate;
    bool const anonymous =
        caller.kind == principal_kind::anonymous || caller.kind == principal_kind::core;
    if (how == rate_class::by_address || anonymous) {
        key = address_key(client_address);
    } else {
        key = caller.actor();
        bool const is_key = caller.kind == principal_kind::api_key;
        limit = is_key ? domain::api_key_rate : domain::user_rate;
        if (is_key && caller.rate_limit_per_second > 0) {
            limit.per_second = caller.rate_limit_per_second;
            limit.burst = 2.0 * caller.rate_limit_per_second;
        }
    }
    auto& home = (*shards_)[std::hash<std::string>{}(key) % shard_count];
    std::lock_guard const lock(home.mutex);
    return home.buckets.take(key, limit, now);
}

}  // namespace cxb::server
