#include "cxb/domain/token_bucket.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb::domain;
using namespace std::chrono_literals;

TEST(TokenBucket, BurstThenRate) {
    token_bucket bucket{{10, 20}, 0ns};
    for (int i = 0; i < 20; ++i) {
        auto const v = bucket.take(0ns);
        EXPECT_TRUE(v.allowed);
        EXPECT_EQ(v.limit, 20);
        EXPECT_EQ(v.remaining, 19 - i);
    }
    auto const refused = bucket.take(0ns);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after, 1s);
    EXPECT_EQ(refused.reset, 2s);
    EXPECT_FALSE(bucket.take(99ms).allowed);
    EXPECT_TRUE(bucket.take(100ms).allowed);
    EXPECT_FALSE(bucket.take(150ms).allowed);
}

TEST(TokenBucket, NeverMoreThanTheBurst) {
    token_bucket bucket{{10, 3}, 0ns};
    int allowed = 0;
    for (int i = 0; i < 10; ++i)
        allowed += bucket.take(1h).allowed ? 1 : 0;
    EXPECT_EQ(allowed, 3);
}

TEST(TokenBucket, SlowRatesWaitLonger) {
    token_bucket bucket{{0.1, 1}, 0ns};
    EXPECT_TRUE(bucket.take(0ns).allowed);
    EXPECT_EQ(bucket.take(0ns).retry_after, 10s);
}

TEST(TokenBucket, TimeNeverRunsBackwards) {
    token_bucket bucket{{1, 1}, 10s};
    EXPECT_TRUE(bucket.take(10s).allowed);
    EXPECT_FALSE(bucket.take(5s).allowed);
    EXPECT_FALSE(bucket.take(10s + 500ms).allowed);
    EXPECT_TRUE(bucket.take(11s).allowed);
}

TEST(RateLimiter, CallersAreApart) {
    rate_limiter limiter;
    EXPECT_TRUE(limiter.take("a", {1, 1}, 0ns).allowed);
    EXPECT_FALSE(limiter.take("a", {1, 1}, 0ns).allowed);
    EXPECT_TRUE(limiter.take("b", {1, 1}, 0ns).allowed);
}

TEST(RateLimiter, ALimitMayChange) {
    rate_limiter limiter;
    EXPECT_EQ(limiter.take("a", {1, 100}, 0ns).remaining, 99);
    EXPECT_EQ(limiter.take("a", {1, 10}, 0ns).remaining, 9);
}

TEST(RateLimiter, ForgetsTheLongestUnused) {
    rate_limiter limiter{2};
    (void)limiter.take("a", {1, 1}, 0ns);
    (void)limiter.take("b", {1, 1}, 0ns);
    EXPECT_FALSE(limiter.take("a", {1, 1}, 0ns).allowed);
    EXPECT_TRUE(limiter.take("c", {1, 1}, 0ns).allowed);
    EXPECT_EQ(limiter.size(), 2U);
    EXPECT_FALSE(limiter.take("a", {1, 1}, 0ns).allowed) << "a was used after b";
    EXPECT_TRUE(limiter.take("b", {1, 1}, 0ns).allowed);
}

}  // namespace
