#pragma once
/// @file
/// Something that is done once a day at a full hour of the wall clock: is it due, and is it late?
/// (spec 20 §10 "Scheduler"). Without I/O: the caller keeps the moment of the last run.
///
/// Due means: the last run lies before the latest local HH:00 that is not after now. So a process
/// that was away over the hour catches up at its next look, once, and two looks after one run find
/// nothing to do.
///
/// | clocks                          | HH:00 of that day is                                     |
/// |---------------------------------|----------------------------------------------------------|
/// | skip it (spring)                | the first moment after the gap                           |
/// | show it twice (autumn)          | the first of the two                                     |
/// | zone skips the whole day        | the day has none of its own; the day after has           |
///
/// A last run that lies more than `daily_run_late` after now was written by a clock that was wrong
/// and counts as none; otherwise one bad moment could put off all runs for years. Smaller leads are
/// clocks of two machines that differ, and count.
///
/// ```cpp
/// auto const run = domain::check_daily_run(zone, 7, last_run, now);
/// if (run.due) { work(); last_run = now; }     // kept also when the work failed
/// ```
/// Failures: none; every input has an answer. Thread-safety: pure functions.

#include <chrono>
#include <optional>

#include "cxb/base/clock.hpp"
#include "cxb/domain/time_zone.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// A run that begins later than this after its hour is late.
inline constexpr std::chrono::minutes daily_run_late{10};

struct daily_run {
    time_point due_at;  ///< latest HH:00 not after now
    bool due = false;   ///< nothing ran since then
    bool late = false;  ///< due, and more than `daily_run_late` past `due_at`
};

/// `hour` 0–23 on the wall clock of `zone`. `last_run` empty: never.
[[nodiscard]] daily_run check_daily_run(time_zone const& zone, int hour,
                                        std::optional<time_point> last_run, time_point now);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
