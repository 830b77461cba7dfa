#include "cxb/domain/retry_schedule.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace std::chrono_literals;
using enum delivery_verdict;

TEST(RetrySchedule, PushWaits) {
    seeded_random random{7};
    std::vector<seconds> const nominal{30s,   60s,    120s,   300s,   900s,
                                       3600s, 10800s, 21600s, 43200s, 43200s};
    for (std::size_t i = 0; i < nominal.size(); ++i) {
        for (int repeat = 0; repeat < 50; ++repeat) {
            auto const wait = next_wait(push_retries(), static_cast<int>(i) + 1, random);
            EXPECT_GE(wait, nominal[i] * 8 / 10);
            EXPECT_LE(wait, nominal[i] * 12 / 10);
        }
    }
    EXPECT_EQ(push_retries().max_attempts, 10);
}

TEST(RetrySchedule, JitterSpreads) {
    seeded_random random{7};
    milliseconds low = 1h;
    milliseconds high = 0ms;
    for (int i = 0; i < 1000; ++i) {
        auto const wait = next_wait(push_retries(), 1, random);
        low = std::min(low, wait);
        high = std::max(high, wait);
    }
    EXPECT_LT(low, 24500ms);
    EXPECT_GT(high, 35500ms);
}

TEST(RetrySchedule, Scale) {
    seeded_random random{7};
    auto const wait = next_wait(push_retries(), 1, random, {}, 0.001);
    EXPECT_GE(wait, 24ms);
    EXPECT_LE(wait, 36ms);
}

// 21-17
TEST(RetrySchedule, LongerRetryAfterWins) {
    seeded_random random{7};
    EXPECT_EQ(next_wait(push_retries(), 1, random, 120s), 120s);
    EXPECT_LE(next_wait(push_retries(), 1, random, 1s), 36s);
    EXPECT_GE(next_wait(push_retries(), 1, random, 1s), 24s);
    EXPECT_EQ(next_wait(push_retries(), 1, random, 86400s), 3600s) << "cut to one hour";
    EXPECT_GE(next_wait(push_retries(), 9, random, 3600s), 34560s);
}

TEST(RetrySchedule, EndsAfterMaxAttempts) {
    seeded_random random{7};
    auto const now = parse_timestamp("2026-01-02T00:00:00Z").value();
    EXPECT_FALSE(next_attempt_at(push_retries(), 10, 10, now, random));
    EXPECT_FALSE(next_attempt_at(push_retries(), 3, 3, now, random));
    auto const next = next_attempt_at(push_retries(), 1, 10, now, random, 300s);
    EXPECT_EQ(next, now + 300s);
}

TEST(RetrySchedule, CarrierWaits) {
    seeded_random random{7};
    EXPECT_LE(next_wait(carrier_retries(), 1, random), 1200ms);
    EXPECT_GE(next_wait(carrier_retries(), 19, random), 48s);
    EXPECT_LE(next_wait(carrier_retries(), 19, random), 72s);
    EXPECT_EQ(carrier_retries().max_attempts, 20);
}

// 21-14, 21-15, 21-16
TEST(RetrySchedule, Statuses) {
    for (int const s : {200, 201, 204, 299})
        EXPECT_EQ(classify_status(s), delivered) << s;
    for (int const s : {408, 425, 429, 500, 502, 503, 599})
        EXPECT_EQ(classify_status(s), retried) << s;
    for (int const s : {100, 301, 302, 308, 400, 401, 403, 404, 409, 413, 422, 451, 600})
        EXPECT_EQ(classify_status(s), dead) << s;
    EXPECT_EQ(classify_status(410), dead_and_switched_off);
}

TEST(RetrySchedule, Failures) {
    for (auto const code : {errc::unavailable, errc::deadline_exceeded, errc::upstream_failed})
        EXPECT_EQ(classify_failure(error{code}), retried);
    // 21-18
    for (auto const code : {errc::blocked, errc::invalid, errc::too_large, errc::malformed})
        EXPECT_EQ(classify_failure(error{code}), dead);
    EXPECT_EQ(classify_failure(error{errc::upstream_failed}.with_status(302)), dead);
    EXPECT_EQ(classify_failure(error{errc::invalid}.with_status(429)), retried);
}

}  // namespace
