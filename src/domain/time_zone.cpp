#include "cxb/domain/time_zone.hpp"

#include <date/tz.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace cxb::inline v1 {
namespace domain {
namespace {

using local_minutes = date::local_time<std::chrono::minutes>;

// The library reads the zones with the first look. Behind a guard of ours whoever comes later is
// known to come after that.
date::time_zone const* look_up(std::string_view name) {
    [[maybe_unused]] static date::tzdb const& zones = date::get_tzdb();
    return date::locate_zone(name);
}

date::time_zone const* locate(std::string_view name) {
    try {
        return look_up(name);
    } catch (std::runtime_error const&) {  // the library's only way to say "no such name"
        return nullptr;
    }
}

date::time_zone const* utc_zone() {
    static date::time_zone const* const zone = look_up("Etc/UTC");
    return zone;
}

date::time_zone const& zone_of(void const* zone) {
    return *static_cast<date::time_zone const*>(zone);
}

local_minutes local_of(local_day day, int minutes) {
    auto const days = std::chrono::sys_days{day}.time_since_epoch();
    return local_minutes{days + std::chrono::minutes{minutes}};
}

}  // namespace

time_zone::time_zone() : zone_(utc_zone()), name_("UTC") {}

local_time time_zone::at(time_point moment) const {
    auto const at = std::chrono::floor<std::chrono::seconds>(moment);
    date::sys_info const info = zone_of(zone_).get_info(at);
    auto const shown = at + info.offset;
    auto const midnight = std::chrono::floor<std::chrono::days>(shown);
    std::chrono::hh_mm_ss const clock{shown - midnight};
    local_time out;
    out.day = local_day{midnight};
    out.weekday = weekday_of(out.day);
    out.hour = static_cast<int>(clock.hours().count());
    out.minute = static_cast<int>(clock.minutes().count());
    out.second = static_cast<int>(clock.seconds().count());
    out.offset = info.offset;
    out.abbreviation = info.abbrev;
    return out;
}

std::vector<time_point> time_zone::instants_of(local_day day, int minutes) const {
    auto const wanted = local_of(day, minutes);
    date::local_info const info = zone_of(zone_).get_info(wanted);
    auto const shown = wanted.time_since_epoch();
    auto const minus = [&](std::chrono::seconds offset) { return time_point{shown - offset}; };
    switch (info.result) {
        case date::local_info::ambiguous:
            return {minus(info.first.offset), minus(info.second.offset)};
        case date::local_info::nonexistent:
            return {time_point{info.first.end.time_since_epoch()}};
        default:
            return {minus(info.first.offset)};
    }
}

result<time_zone> find_time_zone(std::string_view name) {
    date::time_zone const* const zone = locate(name);
    if (zone == nullptr) return error{errc::invalid, "unknown time zone"};
    time_zone out;
    out.zone_ = zone;
    out.name_ = std::string(name);
    return out;
}

bool is_time_zone(std::string_view name) {
    return locate(name) != nullptr;
}

time_zone time_zone_or_utc(std::string_view name, bool* known) {
    auto found = find_time_zone(name);
    if (known != nullptr) *known = found.has_value();
    return found ? *std::move(found) : time_zone{};
}

int weekday_of(local_day day) noexcept {
    return static_cast<int>(std::chrono::weekday{std::chrono::sys_days{day}}.iso_encoding()) - 1;
}

std::string_view day_name(int weekday) noexcept {
    static constexpr std::array<std::string_view, 7> names{
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    return names[static_cast<std::size_t>(weekday) % 7];
}

std::string_view short_day_name(int weekday) noexcept {
    return day_name(weekday).substr(0, 3);
}

std::string_view month_name(unsigned month) noexcept {
    static constexpr std::array<std::string_view, 12> names{
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    return names[(month + 11) % 12];
}

std::string format_local(local_time const& local) {
    std::array<char, 40> text{};
    auto const length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d",
                      int{local.day.year()}, unsigned{local.day.month()}, unsigned{local.day.day()},
                      local.hour, local.minute, local.second);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string format_local_iso(local_time const& local) {
    std::string out = format_local(local);
    out[10] = 'T';
    auto const total = local.offset.count() / 60;
    auto const minutes = total < 0 ? -total : total;
    std::array<char, 16> text{};
    auto const length =
        std::snprintf(text.data(), text.size(), "%c%02d:%02d", total < 0 ? '-' : '+',
                      static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
    return out.append(text.data(), static_cast<std::size_t>(length));
}

}  // namespace domain
}  // namespace cxb::inline v1
