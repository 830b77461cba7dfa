#pragma once
/// @file
/// A clock that stands still until a test moves it.
///
/// ```cpp
/// testing::fake_clock clock;             // 2026-01-01T00:00:00.000Z
/// clock.advance(30s);                    // wall and steady time
/// clock.set_wall(parse_timestamp("...").value());   // wall time alone, as an operator or NTP does
/// ```
/// Thread-safety: safe from any thread.

#include <atomic>
#include <chrono>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

class fake_clock final : public clock {
  public:
    /// 2026-01-01T00:00:00Z, a Thursday.
    static constexpr time_point default_start{
        std::chrono::sys_days{std::chrono::year{2026} / std::chrono::January / 1}};

    explicit fake_clock(time_point start = default_start);
    [[nodiscard]] time_point now() const noexcept override;
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override;
    /// Moves both times forward. Precondition: `by` is not negative.
    void advance(std::chrono::nanoseconds by) noexcept;
    /// Moves wall time alone, also backwards.
    void set_wall(time_point to) noexcept;

  private:
    std::atomic<std::int64_t> offset_ns_;  // wall time at steady zero
    std::atomic<std::int64_t> steady_ns_{0};
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
