#include "cxb/domain/system_variables.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

std::string two_digits(unsigned value) {
    return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

}  // namespace

wire::json_object system_variables(time_point now, time_zone const& zone) {
    local_time const local = zone.at(now);
    std::string date = two_digits(unsigned{local.day.day()});
    date.append(" ").append(month_name(unsigned{local.day.month()}));
    date.append(" ").append(std::to_string(int{local.day.year()}));
    int const hour = local.hour % 12 == 0 ? 12 : local.hour % 12;
    std::string time = two_digits(static_cast<unsigned>(hour));
    time.append(":").append(two_digits(static_cast<unsigned>(local.minute)));
    time.append(local.hour < 12 ? " AM " : " PM ").append(local.abbreviation);
    return {{"current_date", date},
            {"current_time", time},
            {"current_datetime", date + ", " + time},
            {"timezone", zone.name()},
            {"current_day", day_name(local.weekday)}};
}

}  // namespace domain
}  // namespace cxb::inline v1
