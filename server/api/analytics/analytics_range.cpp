#include "server/api/analytics/analytics_range.hpp"

#include "cxb/domain/call_rollup.hpp"

namespace cxb::api {
namespace {

using std::chrono::minutes;

// Moments of calls; the range before, days of a zone and texts of moments need some air.
constexpr time_point earliest = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};
constexpr time_point latest = std::chrono::sys_days{std::chrono::year{3000} / 1 / 1};

time_point slot_from(time_point moment) {
    auto const floor = domain::rollup_slot_of(moment);
    return floor == moment ? floor : floor + domain::rollup_slot;
}

domain::local_day day_after(domain::local_day day) {
    return std::chrono::sys_days{day} + std::chrono::days{1};
}

// How far into its hour the wall clock is.
seconds into_hour(domain::local_time const& local) {
    return minutes{local.minute} + seconds{local.second};
}

// A zone may pass a whole day over, and clocks that go back over midnight show it twice.
time_point next_day(domain::time_zone const& zone, time_point at) {
    auto day = day_after(zone.at(at).day);
    for (;; day = day_after(day))
        for (auto const midnight : zone.instants_of(day, 0))
            if (midnight > at) return midnight;
}

// Clocks that are changed within an hour begin another one.
time_point next_hour(domain::time_zone const& zone, time_point at) {
    auto const here = zone.at(at);
    auto const next = at + (seconds{3600} - into_hour(here));
    for (auto moment = at + domain::rollup_slot; moment < next; moment += domain::rollup_slot)
        if (zone.at(moment).offset != here.offset) return moment;
    return next;
}

time_point next_start(domain::time_zone const& zone, time_point at, bucket_width width) {
    if (width == bucket_width::quarter) return at + domain::rollup_slot;
    return width == bucket_width::hour ? next_hour(zone, at) : next_day(zone, at);
}

time_point first_start(analytics_range const& range, bucket_width width) {
    if (width == bucket_width::quarter) return range.from;
    auto const local = range.zone.at(range.from);
    auto at = range.from - into_hour(local);
    if (width == bucket_width::day)
        at = std::min(range.zone.instants_of(local.day, 0).front(), range.from);
    // Clocks that were changed since then began another one.
    for (auto next = at; next <= range.from; next = next_start(range.zone, next, width))
        at = next;
    return at;
}

}  // namespace

analytics_range analytics_range::before() const {
    auto out = *this;
    out.from = from - (to - from);
    out.to = from;
    return out;
}

analytics_range read_range(server::query_reader& read, std::string const& display_zone,
                           time_point now) {
    analytics_range out;
    auto const from = read.timestamp("from");
    auto const to = read.timestamp("to");
    out.to = slot_from(to.value_or(now));
    out.from = from ? domain::rollup_slot_of(*from) : out.to - default_analytics_range;
    if (out.from < earliest) read.add_fault(from ? "from" : "to", "must not be before 2000");
    if (out.to > latest) read.add_fault(to ? "to" : "from", "must not be after 2999");
    if (out.to <= out.from) read.add_fault(to ? "to" : "from", "must leave a range before its end");
    if (out.to - out.from > longest_analytics_range)
        read.add_fault("from", "the range must be at most 400 days");
    auto const zone = domain::find_time_zone(read.text("tz").value_or(display_zone));
    if (zone)
        out.zone = *zone;
    else
        read.add_fault("tz", std::string(zone.error().detail()));
    out.bot_id = read.text("bot_id");
    out.campaign_id = read.text("campaign_id");
    return out;
}

bucket_width bucket_of(std::string_view word) noexcept {
    if (word == "15m") return bucket_width::quarter;
    return word == "hour" ? bucket_width::hour : bucket_width::day;
}

std::optional<std::vector<time_point>> bucket_starts(analytics_range const& range,
                                                     bucket_width width) {
    std::vector<time_point> out;
    for (auto at = first_start(range, width); at < range.to;
         at = next_start(range.zone, at, width)) {
        if (out.size() == most_buckets) return std::nullopt;
        out.push_back(at);
    }
    return out;
}

}  // namespace cxb::api
