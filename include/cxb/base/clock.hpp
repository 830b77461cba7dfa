#pragma once
/// @file
/// Time as a value that is passed in, and its one text form on the wire.
///
/// Decisions never ask the machine for the time: they get a `time_point`, or a `clock` when they
/// must ask again later. `system_clock()` is the real one; `testing/fake_clock.hpp` moves by hand.
/// Wire form (spec 10 §1.2): RFC 3339, any offset in, UTC with three decimals and `Z` out. Texts
/// in that form sort like the times they mean, which stores rely on.
///
/// Thread-safety: a clock may be read from any thread.

#include <chrono>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// A moment in UTC with millisecond resolution.
using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::milliseconds;
using std::chrono::seconds;
/// Seconds with a fraction, for wire members of type `num` (`timeout_seconds: 7.5`).
using real_seconds = std::chrono::duration<double>;
/// Milliseconds with a fraction (`llm_avg_ttfb_ms: 410.5`).
using real_milliseconds = std::chrono::duration<double, std::milli>;

/// Source of the current moment. Lifetime: outlives whoever holds the reference.
class clock {
  public:
    clock() = default;
    clock(clock const&) = delete;
    clock& operator=(clock const&) = delete;
    virtual ~clock() = default;
    /// Wall-clock time; may jump (NTP, operators).
    [[nodiscard]] virtual time_point now() const noexcept = 0;
    /// Monotonic time since an arbitrary start; for durations and deadlines.
    [[nodiscard]] virtual std::chrono::nanoseconds steady() const noexcept = 0;
};

/// The machine's clock. One object for the whole program.
[[nodiscard]] clock const& real_clock() noexcept;

/// `2026-01-02T03:04:05.678Z`.
[[nodiscard]] std::string format_timestamp(time_point at);

/// Reads RFC 3339 with `Z` or a numeric offset and any number of decimals (cut to milliseconds);
/// year 0001–9999. Errors: `invalid`.
[[nodiscard]] result<time_point> parse_timestamp(std::string_view text);

/// As parse_timestamp, but a text without a zone is read as UTC (spec 20 §2.5).
[[nodiscard]] result<time_point> parse_timestamp_or_utc(std::string_view text);

/// Milliseconds since 1970-01-01T00:00:00Z.
[[nodiscard]] constexpr std::int64_t to_epoch_ms(time_point at) noexcept {
    return at.time_since_epoch().count();
}

}  // namespace cxb::inline v1
CXB_EXPORT_END
