#include "cxb/domain/time_zone.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

time_point at(std::string_view text) {
    return parse_timestamp(text).value();
}
local_day date(int y, unsigned m, unsigned d) {
    return local_day{std::chrono::year{y}, std::chrono::month{m}, std::chrono::day{d}};
}

TEST(TimeZone, KnowsNames) {
    EXPECT_TRUE(is_time_zone("Asia/Kolkata"));
    EXPECT_TRUE(is_time_zone("UTC"));
    EXPECT_TRUE(is_time_zone("America/New_York"));
    // 20-18
    for (auto const* bad : {"Mars/One", "", "asia/kolkata", "../../etc/passwd", "Asia/Kolkata "})
        EXPECT_FALSE(is_time_zone(bad)) << bad;
    EXPECT_EQ(find_time_zone("Mars/One").error().code(), errc::invalid);
}

TEST(TimeZone, FallsBackToUtcAndSaysSo) {
    bool known = true;
    auto const zone = time_zone_or_utc("Mars/One", &known);
    EXPECT_FALSE(known);
    EXPECT_EQ(zone.name(), "UTC");
    EXPECT_EQ(time_zone_or_utc("Asia/Dubai", &known).at(at("2026-01-01T00:00:00Z")).abbreviation,
              "+04");
    EXPECT_TRUE(known);
}

TEST(TimeZone, ShowsTheWallClock) {
    auto const zone = find_time_zone("Asia/Kolkata").value();
    auto const local = zone.at(at("2026-01-02T03:04:05.678Z"));
    EXPECT_EQ(format_local(local), "2026-01-02 08:34:05");  // 21-12
    EXPECT_EQ(format_local_iso(local), "2026-01-02T08:34:05+05:30");
    EXPECT_EQ(local.abbreviation, "IST");
    EXPECT_EQ(local.weekday, 4);
    EXPECT_EQ(local.minute_of_day(), 514);
    auto const west = find_time_zone("America/St_Johns").value();
    EXPECT_EQ(format_local_iso(west.at(at("2026-01-02T00:00:00Z"))), "2026-01-01T20:30:00-03:30");
}

TEST(TimeZone, MomentsBeforeTheEpochRoundDown) {
    EXPECT_EQ(format_local(time_zone{}.at(at("1969-12-31T23:59:59.500Z"))), "1969-12-31 23:59:59");
}

TEST(TimeZone, FindsMomentsOfWallTimes) {
    auto const zone = find_time_zone("America/New_York").value();
    EXPECT_EQ(zone.instants_of(date(2026, 6, 1), 540), std::vector{at("2026-06-01T13:00:00Z")});
    EXPECT_EQ(zone.instants_of(date(2026, 11, 1), 90),
              (std::vector{at("2026-11-01T05:30:00Z"), at("2026-11-01T06:30:00Z")}));
    EXPECT_EQ(zone.instants_of(date(2026, 3, 8), 150), std::vector{at("2026-03-08T07:00:00Z")});
    EXPECT_EQ(zone.instants_of(date(2026, 6, 1), 1440), std::vector{at("2026-06-02T04:00:00Z")});
}

TEST(TimeZone, NamesAreEnglish) {
    EXPECT_EQ(day_name(0), "Monday");
    EXPECT_EQ(short_day_name(6), "Sun");
    EXPECT_EQ(month_name(1), "January");
    EXPECT_EQ(month_name(12), "December");
    EXPECT_EQ(weekday_of(date(2026, 6, 5)), 4);
}

}  // namespace
