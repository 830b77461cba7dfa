#include "cxb/domain/login_throttle.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace std::chrono_literals;

time_point const start = parse_timestamp("2026-01-02T00:00:00Z").value();

// 20-8
TEST(LoginThrottle, SixthTryIsRefused) {
    std::vector<time_point> row;
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(refused_for(row, 5, start + i * 10s));
        row = with_failure(row, 5, start + i * 10s);
    }
    EXPECT_EQ(refused_for(row, 5, start + 60s), 840s) << "until the oldest leaves the window";
    EXPECT_EQ(refused_for(row, 5, start + 15min - 500ms), 1s);
    EXPECT_FALSE(refused_for(row, 5, start + 15min));
}

TEST(LoginThrottle, RowsAreBounded) {
    std::vector<time_point> row;
    for (int i = 0; i < 100; ++i)
        row = with_failure(row, 20, start + i * 1s);
    EXPECT_EQ(row.size(), 20U);
    EXPECT_EQ(refused_for(row, 20, start + 100s), 880s);
    row = with_failure(row, 20, start + 1h);
    EXPECT_EQ(row, std::vector{start + 1h});
}

TEST(LoginThrottle, Counters) {
    auto const rows = login_counters("a@b.c", "203.0.113.5");
    EXPECT_EQ(rows[0].key, "ei:a@b.c 203.0.113.5");
    EXPECT_EQ(rows[0].limit, 5);
    EXPECT_EQ(rows[1].key, "e:a@b.c");
    EXPECT_EQ(rows[1].limit, 20);
    EXPECT_EQ(rows[2].key, "i:203.0.113.5");
    EXPECT_EQ(rows[2].limit, 50);
}

TEST(LoginThrottle, Addresses) {
    EXPECT_EQ(throttle_address("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64");
    EXPECT_EQ(throttle_address("2001:db8:1:2:bbbb::9"), throttle_address("2001:db8:1:2::"));
    EXPECT_NE(throttle_address("2001:db8:1:3::1"), throttle_address("2001:db8:1:2::1"));
    EXPECT_EQ(throttle_address("::ffff:203.0.113.5"), "203.0.113.5");
    EXPECT_EQ(throttle_address("nonsense"), "nonsense");
}

}  // namespace
