#pragma once
/// @file
/// Time zones of the system's tzdata: is a name known, what does a clock on the wall show at a
/// moment, and which moments does a wall-clock time name. The body alone sees the zone library.
///
/// | type         | meaning                                                                      |
/// |--------------|------------------------------------------------------------------------------|
/// | local_day    | a calendar date without a zone, as days since 1970-01-01                     |
/// | local_time   | what the wall clock shows, with offset and abbreviation of that moment       |
/// | time_zone    | a handle of one zone; copying is free, it never dangles                      |
///
/// Failures: only `find_time_zone` (`invalid`); a `time_zone` in hand always answers.
/// Limits: rules after 2037 are those tzdata spells out; names are matched exactly.
/// Thread-safety: values; the zone list is read once per process and never changes.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// A calendar date without a zone.
using local_day = std::chrono::year_month_day;

/// What the wall clock shows.
struct local_time {
    local_day day;
    int weekday = 0;  ///< 0 = Monday … 6 = Sunday
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::chrono::seconds offset{0};  ///< local minus UTC
    std::string abbreviation;        ///< of tzdata: `IST`, `EDT`, may be `+04`
    /// Minutes since local midnight by the clock's face (0–1439).
    [[nodiscard]] int minute_of_day() const noexcept { return hour * 60 + minute; }
};

class time_zone {
  public:
    /// UTC.
    time_zone();
    /// IANA name, e.g. `Asia/Kolkata`.
    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] local_time at(time_point moment) const;
    /// The moments at which the wall clock shows `minutes` after midnight of `day`, earliest first:
    /// one, or two when clocks go back over it. A time that is skipped gives the first moment after
    /// the gap. `minutes` is 0–1440; 1440 is the next day's midnight.
    [[nodiscard]] std::vector<time_point> instants_of(local_day day, int minutes) const;

  private:
    friend result<time_zone> find_time_zone(std::string_view name);
    void const* zone_;
    std::string name_;
};

/// Errors: `invalid` with detail `unknown time zone`.
[[nodiscard]] result<time_zone> find_time_zone(std::string_view name);
[[nodiscard]] bool is_time_zone(std::string_view name);
/// The zone, or UTC when the name is unknown; `known`, when given, tells which (for a warning).
[[nodiscard]] time_zone time_zone_or_utc(std::string_view name, bool* known = nullptr);

/// 0 = Monday … 6 = Sunday.
[[nodiscard]] int weekday_of(local_day day) noexcept;
/// `Mon` … `Sun`; English whatever the machine's locale.
[[nodiscard]] std::string_view short_day_name(int weekday) noexcept;
/// `Monday` … `Sunday`.
[[nodiscard]] std::string_view day_name(int weekday) noexcept;
/// `January` … `December` for 1–12.
[[nodiscard]] std::string_view month_name(unsigned month) noexcept;

/// `2026-01-02 08:34:05`.
[[nodiscard]] std::string format_local(local_time const& local);
/// RFC 3339 with the zone's offset: `2026-01-02T08:34:05+05:30`; UTC is `+00:00`.
[[nodiscard]] std::string format_local_iso(local_time const& local);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
