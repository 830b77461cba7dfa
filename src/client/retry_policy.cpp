#include "cxb/client/retry_policy.hpp"

#include <algorithm>
#include <cmath>

#include "cxb/client/api_client.hpp"

namespace cxb::inline v1 {
namespace client {
namespace {

bool not_final(error const& failure) noexcept {
    switch (failure.code()) {
        case errc::unavailable:
        case errc::deadline_exceeded:
        case errc::at_capacity:
        case errc::rate_limited:
            return true;
        case errc::upstream_failed:
            return failure.status() >= 500;
        default:
            return false;
    }
}

}  // namespace

bool may_retry(repeat_rule rule, error const& failure) noexcept {
    bool const unavailable = failure.code() == errc::unavailable;
    bool const unsent = failure.request_sent() == sent_state::no &&
                        (unavailable || failure.code() == errc::deadline_exceeded);
    switch (rule) {
        case repeat_rule::never:
            return false;
        case repeat_rule::not_sent:
            return unsent;
        case repeat_rule::not_sent_or_full:
            return unsent || failure.code() == errc::at_capacity;
        case repeat_rule::unavailable:
            return unavailable;
        case repeat_rule::unavailable_or_timeout:
            return unavailable || failure.code() == errc::deadline_exceeded;
        case repeat_rule::not_final:
            return not_final(failure);
        case repeat_rule::config:
            return not_final(failure) &&
                   outcome_of(failure) == contract::runtime_config::config_outcome::unavailable;
    }
    return false;
}

std::optional<std::chrono::milliseconds> wait_before(retry_policy const& policy, int n,
                                                     error const& failure,
                                                     std::chrono::milliseconds left,
                                                     random_source& random) {
    if (left <= std::chrono::milliseconds::zero()) return std::nullopt;
    if (auto const asked = failure.retry_after()) {
        if (*asked >= left) return std::nullopt;
        return std::chrono::duration_cast<std::chrono::milliseconds>(*asked);
    }
    double const longest = std::min(static_cast<double>(policy.cap.count()),
                                    static_cast<double>(policy.base.count()) * std::pow(3.0, n));
    std::chrono::milliseconds const wait(static_cast<std::int64_t>(random.uniform(0, longest)));
    if (wait >= left) return std::nullopt;
    return wait;
}

bool retry_budget::take() noexcept {
    constexpr int token = 10;
    int now = tenths_.load();
    while (now >= token)
        if (tenths_.compare_exchange_weak(now, now - token)) return true;
    return false;
}

void retry_budget::succeeded() noexcept {
    int now = tenths_.load();
    while (now < full && !tenths_.compare_exchange_weak(now, now + 1)) {
    }
}

}  // namespace client
}  // namespace cxb::inline v1
