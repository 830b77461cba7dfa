#include "cxb/base/clock.hpp"

#include <gtest/gtest.h>

namespace cxb {
namespace {

TEST(Clock, WritesUtcWithThreeDecimals) {
    EXPECT_EQ(format_timestamp(time_point{milliseconds{1767323045678}}),
              "2026-01-02T03:04:05.678Z");
    EXPECT_EQ(format_timestamp(time_point{milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, ReadsAnyOffsetAndAnyDecimals) {
    auto const same = time_point{milliseconds{1767323045678}};
    for (char const* text : {"2026-01-02T03:04:05.678Z", "2026-01-02T08:34:05.678+05:30",
                             "2026-01-01T22:04:05.678-05:00", "2026-01-02T03:04:05.678901234Z",
                             "2026-01-02t03:04:05.678z"})
        EXPECT_EQ(parse_timestamp(text).value(), same) << text;
    EXPECT_EQ(parse_timestamp("2026-01-02T03:04:05.6Z").value(),
              time_point{milliseconds{1767323045600}});
}

TEST(Clock, RefusesWhatIsNoTimestamp) {
    for (char const* text :
         {"", "2026", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-02T24:00:00Z",
          "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx",
          "2026-01-02T03:04:05+5:30", "2026-01-02T03:60:05Z", "0000-01-01T00:00:00Z"})
        EXPECT_FALSE(parse_timestamp(text)) << text;
}

// What is read can be written and read again, also where the offset leads into another year.
TEST(Clock, TheOffsetMustNotLeadOutOfTheYears) {
    for (char const* text : {"9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"})
        EXPECT_FALSE(parse_timestamp(text)) << text;
    for (char const* text : {"9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"})
        EXPECT_EQ(format_timestamp(parse_timestamp(text).value()), text);
}

TEST(Clock, NoZoneIsUtcOnlyWhereAsked) {  // 20-15
    EXPECT_EQ(format_timestamp(parse_timestamp_or_utc("2030-01-01T00:00:00").value()),
              "2030-01-01T00:00:00.000Z");
    EXPECT_FALSE(parse_timestamp_or_utc("2030-01-01T00:00:00 IST"));
}

}  // namespace
}  // namespace cxb
