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

rate_limiter::rate_limiter(store::ephemeral_store* shared)
    : shared_(shared), shards_(std::make_unique<std::array<shard, shard_count>>()) {}
rate_limiter::~rate_limiter() = default;

std::optional<rate_limiter::bucket> rate_limiter::choose(rate_class how, principal const& caller,
                                                         std::string_view client_address) {
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
    return bucket{std::move(key), limit};
}

domain::rate_verdict rate_limiter::draw_here(bucket const& from, std::chrono::nanoseconds now) {
    auto& home = (*shards_)[std::hash<std::string>{}(from.key) % shard_count];
    std::lock_guard const lock(home.mutex);
    return home.buckets.take(from.key, from.limit, now);
}

boost::asio::awaitable<std::optional<domain::rate_verdict>> rate_limiter::draw(
    std::optional<bucket> from, std::chrono::nanoseconds now) {
    if (!from) co_return std::nullopt;
    if (shared_ != nullptr) {
        auto const state = co_await shared_->take_token(
            "rate:" + from->key, {from->limit.per_second, from->limit.burst});
        if (state) co_return domain::verdict_of(from->limit, state->taken, state->tokens);
    }
    co_return draw_here(*from, now);
}

// No coroutine: its arguments need not outlive the call.
boost::asio::awaitable<std::optional<domain::rate_verdict>> rate_limiter::take(
    rate_class how, principal const& caller, std::string_view client_address,
    std::chrono::nanoseconds now) {
    return draw(choose(how, caller, client_address), now);
}

}  // namespace cxb::server
