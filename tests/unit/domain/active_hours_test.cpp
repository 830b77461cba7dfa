#include "cxb/domain/active_hours.hpp"

#include <gtest/gtest.h>

#include "cxb/base/random.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;

time_point at(std::string_view text) {
    return parse_timestamp(text).value();
}

active_hours hours(std::string_view days, std::string_view start, std::string_view end) {
    wire::json_array list;
    for (std::size_t from = 0; from < days.size(); from += 4)
        list.emplace_back(days.substr(from, 3));
    return parse_active_hours(wire::json_object{{"enabled", true},
                                                {"days", std::move(list)},
                                                {"start_time", start},
                                                {"end_time", end}})
        .value();
}

struct row {
    char const* zone;
    char const* days;
    char const* start;
    char const* end;
    char const* instant;
    bool open;
};

constexpr auto office = "mon,tue,wed,thu,fri";
// 20-26: the table of spec 20 §8, row by row
constexpr row table[] = {
    {"Asia/Kolkata", office, "09:00", "18:00", "2026-06-05T10:15:00Z", true},
    {"Asia/Kolkata", office, "09:00", "18:00", "2026-06-05T12:29:59Z", true},
    {"Asia/Kolkata", office, "09:00", "18:00", "2026-06-05T12:30:00Z", false},
    {"Asia/Kolkata", office, "09:00", "18:00", "2026-06-06T06:00:00Z", false},
    {"Asia/Kolkata", "fri", "22:00", "06:00", "2026-06-05T17:00:00Z", true},
    {"Asia/Kolkata", "fri", "22:00", "06:00", "2026-06-05T20:00:00Z", true},
    {"Asia/Kolkata", "fri", "22:00", "06:00", "2026-06-06T00:29:00Z", true},
    {"Asia/Kolkata", "fri", "22:00", "06:00", "2026-06-06T00:30:00Z", false},
    {"Asia/Kolkata", "fri", "22:00", "06:00", "2026-06-06T17:00:00Z", false},
    {"Asia/Kolkata", "fri", "22:00", "06:00", "2026-06-04T20:00:00Z", false},
    {"America/New_York", "sun", "01:00", "02:00", "2026-11-01T05:30:00Z", true},
    {"America/New_York", "sun", "01:00", "02:00", "2026-11-01T06:30:00Z", true},
    {"America/New_York", "sun", "01:00", "02:00", "2026-11-01T07:00:00Z", false},
    {"America/New_York", "sun", "02:00", "03:00", "2026-03-08T06:59:00Z", false},
    {"America/New_York", "sun", "02:00", "03:00", "2026-03-08T07:00:00Z", false},
    {"America/New_York", "sun", "02:30", "04:00", "2026-03-08T07:30:00Z", true},
    {"Asia/Kolkata", "sat", "00:00", "00:00", "2026-06-05T18:30:00Z", true},
};

TEST(ActiveHours, EveryRowOfTheTable) {
    for (auto const& r : table) {
        auto const zone = find_time_zone(r.zone).value();
        EXPECT_EQ(is_open(hours(r.days, r.start, r.end), zone, at(r.instant)), r.open)
            << r.zone << ' ' << r.days << ' ' << r.instant;
    }
}

TEST(ActiveHours, NextOpening) {
    auto const india = find_time_zone("Asia/Kolkata").value();
    auto const next =
        next_open_at(hours(office, "09:00", "18:00"), india, at("2026-06-06T06:00:00Z"));
    EXPECT_EQ(format_timestamp(next.value()), "2026-06-08T03:30:00.000Z");  // 20-26
    EXPECT_EQ(next_open_at(active_hours{}, india, at("2026-06-06T06:00:00Z")), std::nullopt);
    // the same day, before the window
    EXPECT_EQ(next_open_at(hours("fri", "22:00", "06:00"), india, at("2026-06-05T10:00:00Z")),
              at("2026-06-05T16:30:00Z"));
    // a week ahead
    EXPECT_EQ(next_open_at(hours("fri", "22:00", "06:00"), india, at("2026-06-06T00:30:00Z")),
              at("2026-06-12T16:30:00Z"));
}

TEST(ActiveHours, NextOpeningAroundClockChanges) {
    auto const york = find_time_zone("America/New_York").value();
    // begins inside the gap: first moment after it
    EXPECT_EQ(next_open_at(hours("sun", "02:30", "04:00"), york, at("2026-03-08T05:00:00Z")),
              at("2026-03-08T07:00:00Z"));
    // wholly inside the gap: never open that day, the Sunday after counts
    EXPECT_EQ(next_open_at(hours("sun", "02:00", "03:00"), york, at("2026-03-08T05:00:00Z")),
              at("2026-03-15T06:00:00Z"));
    // the repeated hour opens twice
    EXPECT_EQ(next_open_at(hours("sun", "01:30", "01:45"), york, at("2026-11-01T05:50:00Z")),
              at("2026-11-01T06:30:00Z"));
    // a whole day whose midnight is skipped begins after the gap
    auto const beirut = find_time_zone("Asia/Beirut").value();
    EXPECT_EQ(next_open_at(hours("sun", "00:00", "00:00"), beirut, at("2026-03-28T12:00:00Z")),
              at("2026-03-28T22:00:00Z"));
}

// A clock change, and the wall clock minute by minute around it.
struct clock_change {
    char const* zone;
    char const* about;
};
constexpr clock_change clock_changes[] = {
    {"America/New_York", "2026-03-08T07:00:00Z"},    {"America/New_York", "2026-11-01T06:00:00Z"},
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},  // by half an hour
    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"}, {"Asia/Beirut", "2026-03-28T22:00:00Z"},
    {"America/Santiago", "2026-04-05T03:00:00Z"},    {"America/Santiago", "2026-09-06T04:00:00Z"},
    {"Africa/Casablanca", "2026-02-15T02:00:00Z"},   {"Africa/Casablanca", "2026-03-22T02:00:00Z"},
    {"Pacific/Apia", "2011-12-30T10:00:00Z"},  // a day that never was
};

// Minutes of the wall clock since 1970, as if it had never been changed.
std::int64_t wall(time_zone const& zone, time_point moment) {
    auto const local = zone.at(moment);
    return std::chrono::sys_days{local.day}.time_since_epoch().count() * 1440 +
           local.minute_of_day();
}

// Walks until the wall clock shows or jumps over the start of a listed day and the hours are open.
time_point walk_to_next_start(active_hours const& rule, time_zone const& zone, time_point from) {
    int const start = rule.start_minute == rule.end_minute ? 0 : rule.start_minute;
    auto const listed = [&](std::int64_t day) {  // 1970-01-01 was a Thursday
        return rule.days[static_cast<std::size_t>((day + 3) % 7)];
    };
    auto before = wall(zone, from);
    for (auto moment = from + std::chrono::minutes{1};; moment += std::chrono::minutes{1}) {
        auto const now = wall(zone, moment);
        bool begins = false;
        for (auto day = std::min(before, now) / 1440; day <= now / 1440; ++day)
            begins = begins || (listed(day) && day * 1440 + start <= now &&
                                (day * 1440 + start > before || day * 1440 + start == now));
        if (begins && is_open(rule, zone, moment)) return moment;
        before = now;
    }
}

TEST(ActiveHours, NextOpeningAgreesWithAWalkAroundClockChanges) {
    seeded_random random{26};
    for (auto const& change : clock_changes) {
        auto const zone = find_time_zone(change.zone).value();
        for (int i = 0; i < 60; ++i) {
            active_hours rule;
            rule.enabled = true;
            for (auto& day : rule.days)
                day = random.below(3) != 0;
            rule.days[random.below(7)] = true;
            // Around midnight and the early morning, where clocks are changed.
            auto const minute = [&] {
                return static_cast<int>(random.below(20) * 15 + 1380) % 1440;
            };
            rule.start_minute = minute();
            rule.end_minute = random.below(4) == 0 ? rule.start_minute : minute();
            auto const from = at(change.about) +
                              std::chrono::minutes{static_cast<int>(random.below(2880))} -
                              std::chrono::minutes{1440};
            auto const next = next_open_at(rule, zone, from);
            ASSERT_TRUE(next.has_value());
            EXPECT_EQ(format_timestamp(*next),
                      format_timestamp(walk_to_next_start(rule, zone, from)))
                << change.zone << ' ' << format_timestamp(from) << ' '
                << wire::to_text(to_json(rule));
        }
    }
}

TEST(ActiveHours, DisabledIsAlwaysOpen) {
    EXPECT_TRUE(is_open(active_hours{}, time_zone{}, at("2026-06-06T03:00:00Z")));
}

TEST(ActiveHours, ReadsDaysInThreeForms) {
    auto const value = wire::json_object{{"enabled", true},
                                         {"days", {"mon", "Wednesday", "SUN", 4}},
                                         {"start_time", "00:00"},
                                         {"end_time", "24:00"}};
    auto const read = parse_active_hours(value).value();
    EXPECT_EQ(wire::to_text(to_json(read)), R"({"enabled":true,"days":["mon","wed","fri","sun"],)"
                                            R"("start_time":"00:00","end_time":"24:00"})");
    EXPECT_EQ(parse_active_hours(to_json(read)).value(), read);
}

TEST(ActiveHours, DefaultsAndNulls) {
    EXPECT_EQ(parse_active_hours(wire::json_object{}).value(), active_hours{});
    EXPECT_EQ(
        parse_active_hours(wire::json_object{{"days", nullptr}, {"end_time", nullptr}}).value(),
        active_hours{});
}

TEST(ActiveHours, ReportsAllFaults) {
    auto const value = wire::json_object{{"enabled", "yes"},
                                         {"days", {"mon", "funday", 7, -1, true}},
                                         {"start_time", "24:00"},
                                         {"end_time", "9:00"}};
    auto const faults = parse_active_hours(value).error().faults();
    std::vector<std::string> pointers;
    for (auto const& f : faults)
        pointers.push_back(f.pointer);
    EXPECT_EQ(pointers, (std::vector<std::string>{
                            "/active_hours/enabled", "/active_hours/days/1", "/active_hours/days/2",
                            "/active_hours/days/3", "/active_hours/days/4",
                            "/active_hours/start_time", "/active_hours/end_time"}));
    EXPECT_EQ(parse_active_hours("x").error().code(), errc::invalid);
    EXPECT_FALSE(parse_active_hours(wire::json_object{{"days", "mon"}}));
    for (auto const* bad : {"", "25:00", "12:60", "aa:bb", "12-00", "24:01", "-1:00"})
        EXPECT_FALSE(parse_active_hours(wire::json_object{{"end_time", bad}})) << bad;
}

TEST(ActiveHours, EmptyDaysOnlyWhileDisabled) {
    auto const none = wire::json_array{};
    EXPECT_TRUE(parse_active_hours(wire::json_object{{"days", none}}));
    auto const bad = parse_active_hours(wire::json_object{{"enabled", true}, {"days", none}});
    EXPECT_EQ(bad.error().faults().at(0).pointer, "/active_hours/days");
}

TEST(ActiveHours, Refusal) {
    auto const zone = find_time_zone("Asia/Kolkata").value();
    auto const rule = hours(office, "09:00", "18:00");
    EXPECT_EQ(refusal_outside_hours(rule, zone, "Renewals", at("2026-06-05T10:15:00Z")),
              std::nullopt);
    // 20-27
    auto const no = refusal_outside_hours(rule, zone, "Renewals", at("2026-06-05T12:35:00Z"));
    ASSERT_TRUE(no.has_value());
    EXPECT_EQ(no->code(), errc::unavailable);
    EXPECT_EQ(no->reason(), "outside_active_hours");
    EXPECT_EQ(no->detail(), "outside_active_hours: Renewals is closed at Fri 18:05 IST");
    ASSERT_EQ(no->members().size(), 1U);
    EXPECT_EQ(no->members()[0].first, "next_open_at");
    EXPECT_EQ(no->members()[0].second, "\"2026-06-08T03:30:00.000Z\"");
}

}  // namespace
