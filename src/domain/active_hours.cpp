#include "cxb/domain/active_hours.hpp"

#include <algorithm>
#include <cstdio>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr int minutes_per_day = 24 * 60;
constexpr int search_days = 15;

std::optional<int> weekday_from(wire::json_value const& value) {
    if (auto const* number = value.if_int64()) {
        if (*number >= 0 && *number <= 6) return static_cast<int>(*number);
        return std::nullopt;
    }
    auto const* text = value.if_string();
    if (text == nullptr) return std::nullopt;
    for (int day = 0; day < 7; ++day) {
        if (iequals(*text, short_day_name(day)) || iequals(*text, day_name(day))) return day;
    }
    return std::nullopt;
}

std::optional<int> minutes_from(wire::json_value const& value, bool end) {
    auto const* text = value.if_string();
    if (text == nullptr || text->size() != 5 || (*text)[2] != ':') return std::nullopt;
    auto const digit = [&](std::size_t at) -> int {
        return (*text)[at] >= '0' && (*text)[at] <= '9' ? (*text)[at] - '0' : -1000;
    };
    int const hour = digit(0) * 10 + digit(1);
    int const minute = digit(3) * 10 + digit(4);
    if (hour < 0 || minute < 0 || minute > 59) return std::nullopt;
    if (hour == 24 && minute == 0 && end) return minutes_per_day;
    return hour < 24 ? std::optional{hour * 60 + minute} : std::nullopt;
}

std::string clock_text(int minutes) {
    std::array<char, 8> text{};
    auto const length =
        std::snprintf(text.data(), text.size(), "%02d:%02d", minutes / 60 % 25, minutes % 60);
    return {text.data(), static_cast<std::size_t>(length)};
}

wire::json_value const* member(wire::json_object const& object, std::string_view name) {
    auto const* found = object.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

void read_days(wire::json_value const& value, std::string const& pointer, active_hours& out,
               std::vector<fault>& faults) {
    auto const* list = value.if_array();
    if (list == nullptr) {
        faults.push_back({pointer, "expected list of days"});
        return;
    }
    out.days.fill(false);
    for (std::size_t i = 0; i < list->size(); ++i) {
        if (auto const day = weekday_from((*list)[i])) {
            out.days[static_cast<std::size_t>(*day)] = true;
        } else {
            faults.push_back({pointer + "/" + std::to_string(i), "unknown day"});
        }
    }
}

void read_time(wire::json_value const& value, std::string pointer, bool end, int& out,
               std::vector<fault>& faults) {
    if (auto const minutes = minutes_from(value, end)) {
        out = *minutes;
    } else {
        faults.push_back({std::move(pointer), "expected time HH:MM"});
    }
}

bool is_whole_day(active_hours const& hours) {
    return hours.start_minute == hours.end_minute;
}

}  // namespace

result<active_hours> parse_active_hours(wire::json_value const& value, std::string_view pointer) {
    auto const* object = value.if_object();
    if (object == nullptr) return invalid_member(std::string(pointer), "expected object");
    active_hours out;
    std::vector<fault> faults;
    std::string const base(pointer);
    if (auto const* enabled = member(*object, "enabled")) {
        if (enabled->is_bool()) {
            out.enabled = enabled->get_bool();
        } else {
            faults.push_back({base + "/enabled", "expected boolean"});
        }
    }
    if (auto const* days = member(*object, "days")) read_days(*days, base + "/days", out, faults);
    if (auto const* start = member(*object, "start_time"))
        read_time(*start, base + "/start_time", false, out.start_minute, faults);
    if (auto const* end = member(*object, "end_time"))
        read_time(*end, base + "/end_time", true, out.end_minute, faults);
    if (faults.empty() && out.enabled && std::ranges::count(out.days, true) == 0)
        faults.push_back({base + "/days", "must not be empty"});
    if (!faults.empty()) return invalid_document(std::move(faults));
    return out;
}

wire::json_object to_json(active_hours const& hours) {
    wire::json_array days;
    for (int day = 0; day < 7; ++day) {
        if (hours.days[static_cast<std::size_t>(day)])
            days.emplace_back(to_lower(short_day_name(day)));
    }
    return {{"enabled", hours.enabled},
            {"days", std::move(days)},
            {"start_time", clock_text(hours.start_minute)},
            {"end_time", clock_text(hours.end_minute)}};
}

bool is_open(active_hours const& hours, time_zone const& zone, time_point at) {
    if (!hours.enabled) return true;
    local_time const local = zone.at(at);
    int const minute = local.minute_of_day();
    bool const today = hours.days[static_cast<std::size_t>(local.weekday)];
    bool const yesterday = hours.days[static_cast<std::size_t>((local.weekday + 6) % 7)];
    if (is_whole_day(hours)) return today;
    if (hours.start_minute < hours.end_minute)
        return today && minute >= hours.start_minute && minute < hours.end_minute;
    return (today && minute >= hours.start_minute) || (yesterday && minute < hours.end_minute);
}

std::optional<time_point> next_open_at(active_hours const& hours, time_zone const& zone,
                                       time_point at) {
    if (!hours.enabled) return std::nullopt;
    int const start = is_whole_day(hours) ? 0 : hours.start_minute;
    auto const today = std::chrono::sys_days{zone.at(at).day};
    for (int ahead = 0; ahead <= search_days; ++ahead) {
        local_day const day{today + std::chrono::days{ahead}};
        if (!hours.days[static_cast<std::size_t>(weekday_of(day))]) continue;
        for (time_point const begin : zone.instants_of(day, start)) {
            if (begin > at && is_open(hours, zone, begin)) return begin;
        }
    }
    return std::nullopt;
}

std::string closed_text(std::string_view bot_name, time_zone const& zone, time_point at) {
    local_time const local = zone.at(at);
    std::string out(bot_name);
    out.append(" is closed at ").append(short_day_name(local.weekday)).append(" ");
    out.append(clock_text(local.minute_of_day())).append(" ").append(local.abbreviation);
    return out;
}

std::optional<error> refusal_outside_hours(active_hours const& hours, time_zone const& zone,
                                           std::string_view bot_name, time_point at) {
    if (is_open(hours, zone, at)) return std::nullopt;
    std::string detail = "outside_active_hours: " + closed_text(bot_name, zone, at);
    auto refusal = error{errc::unavailable, std::move(detail)}.with_reason("outside_active_hours");
    auto const next = next_open_at(hours, zone, at);
    if (!next) return refusal;
    return std::move(refusal).with_member("next_open_at", '"' + format_timestamp(*next) + '"');
}

}  // namespace domain
}  // namespace cxb::inline v1
