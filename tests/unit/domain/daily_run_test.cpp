#include "cxb/domain/daily_run.hpp"

#include <gtest/gtest.h>

namespace cxb::domain {
namespace {

using namespace std::chrono_literals;

time_point at(char const* text) {
    return parse_timestamp(text).value();
}

std::string due_at(char const* zone, int hour, char const* now) {
    return format_timestamp(
        check_daily_run(find_time_zone(zone).value(), hour, std::nullopt, at(now)).due_at);
}

TEST(DailyRun, TheLatestHourIsThatOfTheWallClock) {
    struct row {
        char const* zone;
        int hour;
        char const* now;
        char const* due_at;
    };
    for (auto const& one : {
             row{"Asia/Kolkata", 7, "2026-06-05T01:30:00Z", "2026-06-05T01:30:00.000Z"},
             row{"Asia/Kolkata", 7, "2026-06-05T01:29:59Z", "2026-06-04T01:30:00.000Z"},
             row{"Asia/Kolkata", 23, "2026-06-05T18:00:00Z", "2026-06-05T17:30:00.000Z"},
             row{"Asia/Kolkata", 0, "2026-06-05T18:30:00Z", "2026-06-05T18:30:00.000Z"},
             row{"UTC", 0, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"},
             row{"UTC", 7, "2026-01-01T00:00:00Z", "2025-12-31T07:00:00.000Z"},
             // Far from UTC the local day is another one.
             row{"Pacific/Kiritimati", 7, "2026-06-05T17:00:00Z", "2026-06-05T17:00:00.000Z"},
             row{"Pacific/Kiritimati", 7, "2026-06-05T16:59:59Z", "2026-06-04T17:00:00.000Z"},
             row{"Pacific/Pago_Pago", 7, "2026-06-05T18:00:00Z", "2026-06-05T18:00:00.000Z"},
             row{"Pacific/Pago_Pago", 23, "2026-06-05T09:59:59Z", "2026-06-04T10:00:00.000Z"},
         })
        EXPECT_EQ(due_at(one.zone, one.hour, one.now), one.due_at)
            << one.zone << " " << one.hour << " " << one.now;
}

TEST(DailyRun, AnHourThatClocksSkipIsTheMomentAfterTheGap) {
    // New York goes from 02:00 to 03:00 at 07:00Z.
    EXPECT_EQ(due_at("America/New_York", 2, "2026-03-08T07:00:00Z"), "2026-03-08T07:00:00.000Z");
    EXPECT_EQ(due_at("America/New_York", 2, "2026-03-08T06:59:59Z"), "2026-03-07T07:00:00.000Z");
    EXPECT_EQ(due_at("America/New_York", 7, "2026-03-08T11:00:00Z"), "2026-03-08T11:00:00.000Z");
    EXPECT_EQ(due_at("America/New_York", 7, "2026-03-07T12:00:00Z"), "2026-03-07T12:00:00.000Z");
}

TEST(DailyRun, AnHourThatClocksShowTwiceCountsOnce) {
    // New York shows 01:00 at 05:00Z and again at 06:00Z.
    for (char const* now : {"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"})
        EXPECT_EQ(due_at("America/New_York", 1, now), "2026-11-01T05:00:00.000Z") << now;
    auto const zone = find_time_zone("America/New_York").value();
    auto const again =
        check_daily_run(zone, 1, at("2026-11-01T05:00:10Z"), at("2026-11-01T06:00:10Z"));
    EXPECT_FALSE(again.due);
}

TEST(DailyRun, ADayThatAZoneLeavesOutHasNoRunOfItsOwn) {
    // Samoa went from 29 December 2011, 24:00 (10:00Z) to 31 December.
    EXPECT_EQ(due_at("Pacific/Apia", 7, "2011-12-30T09:59:59Z"), "2011-12-29T17:00:00.000Z");
    EXPECT_EQ(due_at("Pacific/Apia", 7, "2011-12-30T17:00:00Z"), "2011-12-30T17:00:00.000Z");
}

TEST(DailyRun, DueOnceAfterItsHour) {
    auto const zone = find_time_zone("Asia/Kolkata").value();
    auto const seven = at("2026-06-05T01:30:00Z");
    auto const check = [&](std::optional<time_point> last, time_point now) {
        return check_daily_run(zone, 7, last, now);
    };
    EXPECT_TRUE(check(std::nullopt, seven).due);
    EXPECT_TRUE(check(seven - 24h, seven).due);
    EXPECT_TRUE(check(seven - 1ms, seven).due);
    EXPECT_FALSE(check(seven, seven).due);
    EXPECT_FALSE(check(seven + 5s, seven + 23h).due);
    EXPECT_FALSE(check(seven - 24h, seven - 1ms).due);
    EXPECT_TRUE(check(seven - 40 * 24h, seven + 3h).due) << "a long time away: one run";
}

TEST(DailyRun, LateIsMoreThanTenMinutesAfterTheHourAndOnlyWhenDue) {
    auto const zone = find_time_zone("Asia/Kolkata").value();
    auto const seven = at("2026-06-05T01:30:00Z");
    EXPECT_FALSE(check_daily_run(zone, 7, seven - 24h, seven + 10min).late);
    EXPECT_TRUE(check_daily_run(zone, 7, seven - 24h, seven + 10min + 1ms).late);
    EXPECT_TRUE(check_daily_run(zone, 7, std::nullopt, seven + 3h).late);
    EXPECT_FALSE(check_daily_run(zone, 7, seven, seven + 3h).late);
}

TEST(DailyRun, ALastRunFromAClockThatWasWrongDoesNotPutOffTheNext) {
    auto const zone = find_time_zone("Asia/Kolkata").value();
    auto const seven = at("2026-06-05T01:30:00Z");
    EXPECT_TRUE(check_daily_run(zone, 7, seven + 24h * 365, seven + 1s).due);
    EXPECT_TRUE(check_daily_run(zone, 7, seven + 11min, seven).due);
    EXPECT_FALSE(check_daily_run(zone, 7, seven + 200ms, seven).due) << "another machine's clock";
}

}  // namespace
}  // namespace cxb::domain
