// Buckets of analytics over all changes of clocks, against a walk over the quarters of an hour that
// asks the C library, which reads its zones by itself, what the wall clock shows.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "server/api/analytics/analytics_range.hpp"

namespace cxb::api {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr auto quarter = 15min;

// Half and quarter hours, days that begin at 1:00 or are shown twice, changes of the offset for
// good, a day that was left out, a change by half an hour.
constexpr char const* zones[] = {"UTC",
                                 "Asia/Kolkata",
                                 "Asia/Kathmandu",
                                 "America/New_York",
                                 "Europe/London",
                                 "Africa/Cairo",
                                 "Asia/Beirut",
                                 "America/Havana",
                                 "America/Santiago",
                                 "America/Asuncion",
                                 "America/Sao_Paulo",
                                 "Atlantic/Azores",
                                 "Australia/Lord_Howe",
                                 "Pacific/Apia",
                                 "Pacific/Chatham",
                                 "Asia/Pyongyang",
                                 "America/Caracas",
                                 "America/Nuuk",
                                 "Africa/Casablanca",
                                 "Asia/Tehran",
                                 "Asia/Amman",
                                 "Asia/Gaza",
                                 "Antarctica/Troll",
                                 "America/St_Johns",
                                 "Pacific/Kiritimati",
                                 "Europe/Istanbul",
                                 "Pacific/Bougainville"};

// The zone of the C library while it lives.
class clock_of_the_wall {
  public:
    explicit clock_of_the_wall(char const* zone) {
        if (auto const* before = std::getenv("TZ")) before_ = before;
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ~clock_of_the_wall() {
        if (before_)
            ::setenv("TZ", before_->c_str(), 1);
        else
            ::unsetenv("TZ");
        ::tzset();
    }
    clock_of_the_wall(clock_of_the_wall const&) = delete;
    clock_of_the_wall& operator=(clock_of_the_wall const&) = delete;

    [[nodiscard]] std::tm at(time_point moment) const {
        std::time_t const seconds = to_epoch_ms(moment) / 1000;
        std::tm out{};
        ::localtime_r(&seconds, &out);
        return out;
    }

  private:
    std::optional<std::string> before_;
};

long day_of(std::tm const& shown) {
    return (shown.tm_year + 1900L) * 10000 + (shown.tm_mon + 1) * 100 + shown.tm_mday;
}

// Moments from which the offset is another one; none that lies within a quarter.
std::vector<time_point> changes_in(clock_of_the_wall const& wall, time_point from, time_point to) {
    std::vector<time_point> out;
    for (auto at = from; at < to; at += days{1}) {
        if (wall.at(at).tm_gmtoff == wall.at(at + days{1}).tm_gmtoff) continue;
        auto moment = at;
        while (wall.at(moment).tm_gmtoff == wall.at(at).tm_gmtoff)
            moment += 1min;
        if (moment.time_since_epoch() % quarter == 0s) out.push_back(moment);
    }
    return out;
}

// A day begins when its date is shown first, an hour when hour, date or offset change.
std::vector<time_point> recount(clock_of_the_wall const& wall, time_point from, time_point to,
                                bucket_width width) {
    std::vector<time_point> out;
    long latest = 0;
    std::tuple<long, int, long> hour{};
    // The bucket of `from` may have begun before.
    for (auto at = from - days{3}; at < to; at += quarter) {
        auto const shown = wall.at(at);
        std::tuple const now{day_of(shown), shown.tm_hour, shown.tm_gmtoff};
        bool const fresh = width == bucket_width::day ? day_of(shown) > latest : now != hour;
        latest = std::max(latest, day_of(shown));
        hour = now;
        if (!fresh) continue;
        if (at <= from) out.clear();
        out.push_back(at);
    }
    return out;
}

std::string text_of(std::vector<time_point> const& moments) {
    std::string out;
    for (auto const& one : moments)
        out += format_timestamp(one).substr(0, 16) + " ";
    return out;
}

TEST(AnalyticsBuckets, AreThoseOfTheWallClockOverAllItsChanges) {
    time_point const first = parse_timestamp("2011-06-01T00:00:00Z").value();
    time_point const last = parse_timestamp("2028-01-01T00:00:00Z").value();
    std::size_t seen = 0;
    for (auto const* const zone : zones) {
        clock_of_the_wall const wall(zone);
        auto changes = changes_in(wall, first, last);
        changes.push_back(first);  // and a time without one
        for (auto const change : changes) {
            for (auto const before :
                 {std::chrono::minutes{0}, std::chrono::minutes{-15}, 45min, 1500min}) {
                analytics_range range;
                range.zone = domain::find_time_zone(zone).value();
                range.from = change - before;
                range.to = range.from + days{3};
                for (auto const width : {bucket_width::hour, bucket_width::day}) {
                    auto const got = bucket_starts(range, width);
                    ASSERT_TRUE(got);
                    ASSERT_EQ(text_of(*got), text_of(recount(wall, range.from, range.to, width)))
                        << zone << " from " << format_timestamp(range.from) << " "
                        << static_cast<int>(width);
                }
            }
            ++seen;
        }
    }
    EXPECT_GT(seen, 300U) << "changes of clocks";
}

}  // namespace
}  // namespace cxb::api
