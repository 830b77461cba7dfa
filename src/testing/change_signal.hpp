#pragma once
// Wakes those who wait for a condition whenever something it may depend on has changed. Safe from
// any thread.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace testing {

class change_signal {
  public:
    // After the change was made.
    void tell();
    // Looks at `done` now and after every `tell`; no lock is held then. False when time ran out.
    [[nodiscard]] bool wait_until(std::function<bool()> const& done,
                                  std::chrono::milliseconds at_most) const;

  private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::uint64_t changes_ = 0;
};

}  // namespace testing
}  // namespace cxb::inline v1
