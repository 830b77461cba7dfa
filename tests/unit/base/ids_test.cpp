#include "cxb/base/ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cxb {
namespace {

TEST(Ids, FormsAndVersionBits) {
    seeded_random random(7);
    time_point const now{milliseconds{1767323045678}};
    std::string const uuid = make_uuid7(now, random);
    EXPECT_TRUE(is_uuid(uuid));
    EXPECT_EQ(uuid.substr(0, 13), "019b7ca9-8f2e");
    EXPECT_EQ(uuid[14], '7');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    std::string const hex = make_hex24(now, random);
    EXPECT_TRUE(is_hex24(hex));
    EXPECT_EQ(hex.substr(0, 8), "695735a5");
    std::string const ulid = make_ulid(now, random);
    EXPECT_EQ(ulid.size(), 26U);
    EXPECT_EQ(ulid.substr(0, 10), make_ulid(now, random).substr(0, 10));
}

TEST(Ids, LaterIdsSortLater) {
    seeded_random random(7);
    time_point const early{milliseconds{1767323045678}};
    time_point const late = early + seconds{2};
    EXPECT_LT(make_uuid7(early, random), make_uuid7(late, random));
    EXPECT_LT(make_hex24(early, random), make_hex24(late, random));
    EXPECT_LT(make_hex24(early, random), make_hex24(early + milliseconds{1}, random));
    EXPECT_LT(make_ulid(early, random), make_ulid(late, random));
}

TEST(Ids, SystemIdsDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(new_uuid7());
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_FALSE(is_uuid("019b7c75xb72e-7000-8000-000000000000"));
    EXPECT_FALSE(is_hex24("65f00000000000000000000g"));
    EXPECT_FALSE(is_hex24("65f"));
}

TEST(Random, SeededRepeatsAndStaysInBounds) {
    seeded_random a(42);
    seeded_random b(42);
    for (int i = 0; i < 1000; ++i) {
        double const x = a.uniform(0.8, 1.2);
        EXPECT_EQ(x, b.uniform(0.8, 1.2));
        EXPECT_GE(x, 0.8);
        EXPECT_LT(x, 1.2);
        EXPECT_LT(a.below(7), 7U);
        (void)b.below(7);
    }
    EXPECT_EQ(a.below(0), 0U);
}

}  // namespace
}  // namespace cxb
