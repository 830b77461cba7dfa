#include "cxb/testing/fake_clock.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb;
using namespace std::chrono_literals;
using cxb::testing::fake_clock;

TEST(FakeClock, StandsStillUntilMoved) {
    fake_clock clock;
    EXPECT_EQ(format_timestamp(clock.now()), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(clock.steady(), 0ns);
    clock.advance(1500ms);
    EXPECT_EQ(format_timestamp(clock.now()), "2026-01-01T00:00:01.500Z");
    EXPECT_EQ(clock.steady(), 1500ms);
    clock.advance(999us);
    EXPECT_EQ(format_timestamp(clock.now()), "2026-01-01T00:00:01.500Z");
}

TEST(FakeClock, WallTimeMayJump) {
    fake_clock clock(parse_timestamp("2026-05-01T12:00:00Z").value());
    clock.advance(1h);
    clock.set_wall(parse_timestamp("2025-12-31T23:59:59Z").value());
    EXPECT_EQ(format_timestamp(clock.now()), "2025-12-31T23:59:59.000Z");
    EXPECT_EQ(clock.steady(), 1h);
    clock.advance(1s);
    EXPECT_EQ(format_timestamp(clock.now()), "2026-01-01T00:00:00.000Z");
}

}  // namespace
