#pragma once
/// @file
/// When a bot may talk: weekdays and a daily window on the wall clock of the bot's zone
/// (spec 20 §5.1, §8 "Active hours").
///
/// | field      | type     | absent means | note                                |
/// |------------|----------|--------------|-------------------------------------|
/// | enabled    | bool     | false        | false: always open                  |
/// | days       | weekdays | all seven    | written `mon`…`sun`                 |
/// | start_time | `HH:MM`  | `09:00`      | 00:00–23:59                         |
/// | end_time   | `HH:MM`  | `18:00`      | 00:00–24:00, exclusive              |
///
/// A day is read as `mon`, `Monday` (any case) or 0–6 with 0 = Monday.
///
/// start < end: open on a listed day from start to end. start > end: the night belongs to the day
/// it began. start = end: the whole listed day. The wall clock of the moment decides, so an hour
/// that is skipped never occurs and one that is repeated counts twice.
/// Thread-safety: value types and pure functions.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

struct active_hours {
    bool enabled = false;
    std::array<bool, 7> days{true, true, true, true, true, true, true};  ///< Monday first
    int start_minute = 9 * 60;                                           ///< 0–1439
    int end_minute = 18 * 60;                                            ///< 0–1440
    friend bool operator==(active_hours const&, active_hours const&) = default;
};

/// Reads the bot's member; unknown members are ignored, null reads as absent. All faults of it are
/// reported together, pointers below `pointer` (`/active_hours/days/2`): not an object, a bad day,
/// a bad time, no day although enabled. Errors: `invalid`.
[[nodiscard]] result<active_hours> parse_active_hours(wire::json_value const& value,
                                                      std::string_view pointer = "/active_hours");
/// The stored form: all four members, days as `mon`…`sun` in week order.
[[nodiscard]] wire::json_object to_json(active_hours const& hours);

/// Does the rule say open at this moment?
[[nodiscard]] bool is_open(active_hours const& hours, time_zone const& zone, time_point at);

/// Earliest window start after `at`, within 15 local days, at which the rule says open; a start
/// inside a clock gap is the first moment after the gap. Empty: none, or hours not enabled.
[[nodiscard]] std::optional<time_point> next_open_at(active_hours const& hours,
                                                     time_zone const& zone, time_point at);

/// `Renewals is closed at Fri 18:05 IST`: what follows `outside_active_hours: ` in the answer.
[[nodiscard]] std::string closed_text(std::string_view bot_name, time_zone const& zone,
                                      time_point at);

/// The whole refusal: `unavailable`, reason `outside_active_hours`, detail
/// `outside_active_hours: <closed_text>`, member `next_open_at` when there is one.
/// Empty when open.
[[nodiscard]] std::optional<error> refusal_outside_hours(active_hours const& hours,
                                                         time_zone const& zone,
                                                         std::string_view bot_name, time_point at);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
