#pragma once
/// @file
/// Namespace system of a call: date and time in the bot's zone, always in English (spec 20 §6).
///
/// | name             | example                       |
/// |------------------|-------------------------------|
/// | current_date     | `05 June 2026`                |
/// | current_time     | `03:45 PM IST`                |
/// | current_datetime | `05 June 2026, 03:45 PM IST`  |
/// | timezone         | `Asia/Kolkata`                |
/// | current_day      | `Friday`                      |
///
/// Thread-safety: a pure function.

#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

[[nodiscard]] wire::json_object system_variables(time_point now, time_zone const& zone);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
