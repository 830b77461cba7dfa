#include "server/api/bots/bot_hours.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::api {

result<domain::active_hours> read_hours(bot_document const& bot) {
    wire::json_object const stored{
        {"enabled", bot.active_hours.enabled},
        {"days", wire::json_array(bot.active_hours.days.begin(), bot.active_hours.days.end())},
        {"start_time", bot.active_hours.start_time},
        {"end_time", bot.active_hours.end_time}};
    return domain::parse_active_hours(wire::json_value(stored));
}

result<void> check_bot_active(bot_document const& bot) {
    if (bot.is_active) return {};
    return error{errc::unavailable, "bot_inactive: " + bot.name}.with_reason("bot_inactive");
}

result<void> check_bot_open(bot_entry const& bot, time_point now) {
    auto closed = domain::refusal_outside_hours(
        bot.hours, domain::time_zone_or_utc(bot.bot.timezone), bot.bot.name, now);
    if (closed) return *std::move(closed);
    return {};
}

result<void> check_bot_takes_calls(bot_entry const& bot, time_point now) {
    CXB_CHECK(check_bot_active(bot.bot));
    return check_bot_open(bot, now);
}

}  // namespace cxb::api
