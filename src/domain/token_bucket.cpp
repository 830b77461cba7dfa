#include "cxb/domain/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace cxb::inline v1 {
namespace domain {
namespace {

std::chrono::seconds time_for(double tokens, double per_second) {
    return std::chrono::seconds{static_cast<long>(std::ceil(tokens / per_second))};
}

}  // namespace

rate_verdict verdict_of(rate_limit limit, bool allowed, double tokens) noexcept {
    rate_verdict out;
    out.allowed = allowed;
    if (!allowed)
        out.retry_after = std::max(std::chrono::seconds{1}, time_for(1 - tokens, limit.per_second));
    out.limit = static_cast<int>(limit.burst);
    out.remaining = static_cast<int>(tokens);
    out.reset = time_for(limit.burst - tokens, limit.per_second);
    return out;
}

rate_verdict token_bucket::take(std::chrono::nanoseconds now) noexcept {
    std::chrono::duration<double> const passed = std::max(now - at_, std::chrono::nanoseconds{0});
    tokens_ = std::min(limit_.burst, tokens_ + passed.count() * limit_.per_second);
    at_ = std::max(at_, now);
    bool const allowed = tokens_ >= 1;
    if (allowed) tokens_ -= 1;
    return verdict_of(limit_, allowed, tokens_);
}

void token_bucket::change(rate_limit limit) noexcept {
    limit_ = limit;
    tokens_ = std::min(tokens_, limit.burst);
}

rate_verdict rate_limiter::take(std::string_view caller, rate_limit limit,
                                std::chrono::nanoseconds now) {
    auto found = buckets_.find(caller);
    if (found == buckets_.end()) {
        if (buckets_.size() >= max_callers_ && !used_.empty()) {
            buckets_.erase(used_.back().caller);
            used_.pop_back();
        }
        used_.push_front({std::string(caller), token_bucket{limit, now}});
        buckets_.emplace(used_.front().caller, used_.begin());
    } else {
        used_.splice(used_.begin(), used_, found->second);
        used_.front().bucket.change(limit);
    }
    return used_.front().bucket.take(now);
}

}  // namespace domain
}  // namespace cxb::inline v1
