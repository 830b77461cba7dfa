#include "cxb/domain/daily_run.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr int minutes_per_hour = 60;
// Today's may be to come, and yesterday may be a day that the zone left out.
constexpr int days_back = 3;

time_point latest_hour(time_zone const& zone, int hour, time_point now) {
    auto const today = std::chrono::sys_days(zone.at(now).day);
    time_point latest = time_point::min();
    for (int back = -1; back <= days_back; ++back) {
        local_day const day(today - std::chrono::days{back});
        auto const moments = zone.instants_of(day, hour * minutes_per_hour);
        if (moments.front() <= now) latest = std::max(latest, moments.front());
    }
    return latest;
}

}  // namespace

daily_run check_daily_run(time_zone const& zone, int hour, std::optional<time_point> last_run,
                          time_point now) {
    daily_run out;
    out.due_at = latest_hour(zone, hour, now);
    bool const ran = last_run && *last_run <= now + daily_run_late;
    out.due = !ran || *last_run < out.due_at;
    out.late = out.due && now - out.due_at > daily_run_late;
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
