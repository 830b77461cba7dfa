#pragma once
/// @file
/// The clock of a simulated call. Fast: it starts at the true time and moves only when told to.
/// Else it runs with the machine, unmoved by jumps of the wall clock.
/// Thread-safety: read from any thread; moved by the call's own.

#include <atomic>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace core {

class sim_clock final : public clock {
  public:
    explicit sim_clock(clock const& machine, bool fast)
        : machine_(machine), fast_(fast), start_(machine.now()), steady_start_(machine.steady()) {}

    [[nodiscard]] time_point now() const noexcept override {
        return start_ + std::chrono::duration_cast<milliseconds>(elapsed());
    }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
        return steady_start_ + elapsed();
    }
    /// Moves a fast clock forward; never back.
    void jump_to(time_point at) noexcept {
        auto const by = (at - start_).count();
        if (by > jumped_ms_) jumped_ms_ = by;
    }
    [[nodiscard]] bool fast() const noexcept { return fast_; }

  private:
    [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept {
        if (fast_) return milliseconds(jumped_ms_.load());
        return machine_.steady() - steady_start_;
    }
    clock const& machine_;
    bool fast_;
    time_point start_;
    std::chrono::nanoseconds steady_start_;
    std::atomic<std::int64_t> jumped_ms_{0};
};

}  // namespace core
}  // namespace cxb::inline v1
