#pragma once
/// @file
/// How long a worker that died waits before it is started again (spec 80 §1):
/// 0, 0.5, 1, 2, 5, then
/// 10 s; from the start after 60 s of life; 30 s while 5 deaths lie within 60 s.
/// Thread-safety: one thread at a time.

#include <algorithm>
#include <chrono>
#include <deque>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace core {

class restart_delay {
  public:
    using moment = std::chrono::steady_clock::time_point;

    /// The worker lived from `born` to `died`.
    [[nodiscard]] std::chrono::milliseconds next(moment born, moment died) {
        if (died - born >= settled) step_ = 0;
        deaths_.push_back(died);
        while (died - deaths_.front() > settled)
            deaths_.pop_front();
        flapping_ = deaths_.size() >= most_deaths;
        auto const wait = waits[std::min(step_, std::size(waits) - 1)];
        ++step_;
        return std::chrono::milliseconds(flapping_ ? flapping_wait : wait);
    }
    [[nodiscard]] bool flapping() const noexcept { return flapping_; }

  private:
    static constexpr int waits[] = {0, 500, 1000, 2000, 5000, 10000};
    static constexpr int flapping_wait = 30000;
    static constexpr std::size_t most_deaths = 5;
    static constexpr std::chrono::seconds settled{60};
    std::size_t step_ = 0;
    std::deque<moment> deaths_;
    bool flapping_ = false;
};

}  // namespace core
}  // namespace cxb::inline v1
