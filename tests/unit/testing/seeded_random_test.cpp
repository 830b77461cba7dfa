#include "cxb/testing/seeded_random.hpp"

#include <gtest/gtest.h>

#include "cxb/base/clock.hpp"
#include "cxb/base/ids.hpp"

namespace {
using cxb::testing::seeded_random;

TEST(SeededRandom, OneSeedIsOneSequence) {
    seeded_random a(7);
    seeded_random b(7);
    seeded_random other(8);
    auto const now = cxb::time_point{};
    auto const first = cxb::make_uuid7(now, a);
    EXPECT_EQ(cxb::make_uuid7(now, b), first);
    EXPECT_NE(cxb::make_uuid7(now, other), first);
    EXPECT_NE(cxb::make_uuid7(now, a), first);
    EXPECT_EQ(cxb::make_uuid7(now, b).size(), 36U);
    EXPECT_EQ(a.below(1000), b.below(1000));
}

}  // namespace
