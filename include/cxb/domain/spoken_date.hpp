#pragma once
/// @file
/// Dates and numbers of days as a bot says them in Hindi and English (spec 20 §7 "Dates", "Days").
///
/// Forms that are read, blanks around them dropped, month names in any case:
/// | form            | example                     | note                                     |
/// |-----------------|-----------------------------|------------------------------------------|
/// | `YYYY-MM-DD`    | `2026-06-05`                |                                          |
/// | RFC 3339        | `2026-06-04T20:00:00Z`      | the day it is then in the bot's zone     |
/// | `DD-MM-YYYY`    | `05-06-2026`                |                                          |
/// | `DD/MM/YYYY`    | `05/06/2026`                |                                          |
/// | `DD-Mon-YYYY`   | `05-Jun-2026`               | first three letters                      |
/// | `DD Month YYYY` | `05 June 2026`              | the whole name                           |
///
/// Years are 0001–9999. Days that do not exist (`31/02/2026`) and all other texts are said as they
/// were written. The year is left out when it is the current one. How years are said:
/// | year                 | Hindi                           | English                        |
/// |----------------------|---------------------------------|--------------------------------|
/// | 1100–1999            | `उन्नीस सौ निन्यानवे`           | `nineteen ninety-nine`         |
/// | 2000–2009, below 1100 | as a number: `दो हज़ार नौ`     | as a number: `two thousand nine` |
/// | other whole centuries | as a number                    | `twenty-one hundred`           |
/// | first nine after them | as a number                    | `nineteen oh five`             |
/// | others               | as a number: `दो हज़ार सत्ताईस` | `twenty twenty-seven`          |
///
/// Failures: none. Thread-safety: pure functions.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cxb/domain/spoken_number.hpp"
#include "cxb/domain/time_zone.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// More days than these are not said in words.
inline constexpr std::int64_t spoken_days_limit = 999;

/// The day that a text names; empty for other texts and for days that do not exist.
[[nodiscard]] std::optional<local_day> parse_spoken_date(std::string_view text,
                                                         time_zone const& zone);

/// `पाँच जून` / `fifth June`, with the year unless it is `current_year`. `day` must exist.
[[nodiscard]] spoken_text date_in_words(local_day day, std::chrono::year current_year);

/// The text in words, or as it is when it names no day. `now` tells the current year in `zone`.
[[nodiscard]] spoken_text spoken_date(std::string_view text, time_point now, time_zone const& zone);

/// Days from today's date in `zone` to `day`; negative when it is over.
[[nodiscard]] std::int64_t days_until(local_day day, time_point now, time_zone const& zone);

/// `एक दिन` / `one day`, for 0–`spoken_days_limit`; other numbers as digits.
[[nodiscard]] spoken_text days_in_words(std::int64_t days);

/// The text in words when it is a whole number of 0–`spoken_days_limit`, otherwise as it is.
[[nodiscard]] spoken_text spoken_days(std::string_view text);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
