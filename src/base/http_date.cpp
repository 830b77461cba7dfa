#include "cxb/base/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cxb::inline v1 {
namespace {

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view form = "Ddd, 00 Mmm 0000 00:00:00 GMT";  // 0 is any digit
constexpr std::size_t month_at = 8;

bool has_form(std::string_view text) {
    if (text.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        bool const is_name = i < 3 || (i >= month_at && i < month_at + 3);
        bool const is_digit = text[i] >= '0' && text[i] <= '9';
        if (is_name ? is_digit : form[i] == '0' ? !is_digit : text[i] != form[i]) return false;
    }
    return true;
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
    int value = 0;
    for (char const c : text.substr(at, digits))
        value = value * 10 + (c - '0');
    return value;
}

}  // namespace

std::string format_http_date(time_point at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const time(std::chrono::floor<seconds>(at - day));
    std::array<char, 48> rest{};
    auto const size = std::snprintf(
        rest.data(), rest.size(), ", %02u Mmm %04d %02d:%02d:%02d GMT", unsigned{date.day()},
        int{date.year()}, static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    std::string out(day_names.at(std::chrono::weekday(day).c_encoding()));
    out.append(rest.data(), static_cast<std::size_t>(size));
    return out.replace(month_at, 3, month_names.at(unsigned{date.month()} - 1));
}

std::optional<time_point> parse_http_date(std::string_view text) noexcept {
    if (!has_form(text)) return std::nullopt;
    auto const* const name = std::ranges::find(day_names, text.substr(0, 3));
    auto const* const month = std::ranges::find(month_names, text.substr(month_at, 3));
    if (name == day_names.end() || month == month_names.end()) return std::nullopt;
    std::chrono::year_month_day const date(
        std::chrono::year(number_at(text, 12, 4)),
        std::chrono::month(static_cast<unsigned>(month - month_names.begin()) + 1),
        std::chrono::day(static_cast<unsigned>(number_at(text, 5, 2))));
    int const hour = number_at(text, 17, 2);
    int const minute = number_at(text, 20, 2);
    int const second = number_at(text, 23, 2);
    // 60 is a leap second.
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           seconds(second);
}

}  // namespace cxb::inline v1
