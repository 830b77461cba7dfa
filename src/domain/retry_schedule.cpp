#include "cxb/domain/retry_schedule.hpp"

#include <algorithm>
#include <array>

namespace cxb::inline v1 {
namespace domain {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<seconds, 9> push_waits{seconds{30}, minutes{1},  minutes{2},
                                            minutes{5},  minutes{15}, hours{1},
                                            hours{3},    hours{6},    hours{12}};
constexpr std::array<seconds, 7> carrier_waits{seconds{1},  seconds{2},  seconds{4}, seconds{8},
                                               seconds{16}, seconds{32}, seconds{60}};

}  // namespace

retry_schedule const& push_retries() noexcept {
    static constexpr retry_schedule schedule{.waits = push_waits};
    return schedule;
}

retry_schedule const& carrier_retries() noexcept {
    static constexpr retry_schedule schedule{.waits = carrier_waits, .max_attempts = 20};
    return schedule;
}

milliseconds next_wait(retry_schedule const& schedule, int failures, random_source& random,
                       std::optional<seconds> retry_after, double scale) {
    auto const last = static_cast<int>(schedule.waits.size()) - 1;
    auto const index = static_cast<std::size_t>(std::clamp(failures - 1, 0, last));
    double const jitter = random.uniform(schedule.jitter_low, schedule.jitter_high);
    std::chrono::duration<double> const planned{static_cast<double>(schedule.waits[index].count()) *
                                                jitter * scale};
    auto const wait = std::chrono::duration_cast<milliseconds>(planned);
    if (!retry_after) return wait;
    return std::max(wait, milliseconds{std::min(*retry_after, schedule.retry_after_cap)});
}

std::optional<time_point> next_attempt_at(retry_schedule const& schedule, int attempts,
                                          int max_attempts, time_point now, random_source& random,
                                          std::optional<seconds> retry_after, double scale) {
    if (attempts >= max_attempts) return std::nullopt;
    return now + next_wait(schedule, attempts, random, retry_after, scale);
}

delivery_verdict classify_status(int http_status) noexcept {
    if (http_status >= 200 && http_status < 300) return delivery_verdict::delivered;
    if (http_status == 410) return delivery_verdict::dead_and_switched_off;
    bool const later = http_status == 408 || http_status == 425 || http_status == 429 ||
                       (http_status >= 500 && http_status < 600);
    return later ? delivery_verdict::retried : delivery_verdict::dead;
}

delivery_verdict classify_failure(error const& failure) noexcept {
    if (failure.status() != 0) return classify_status(failure.status());
    switch (failure.code()) {
        case errc::unavailable:
        case errc::deadline_exceeded:
        case errc::upstream_failed:
        case errc::at_capacity:
        case errc::rate_limited:
        case errc::cancelled:
            return delivery_verdict::retried;
        default:
            return delivery_verdict::dead;
    }
}

}  // namespace domain
}  // namespace cxb::inline v1
