#include "src/testing/change_signal.hpp"

namespace cxb::inline v1 {
namespace testing {

void change_signal::tell() {
    {
        std::lock_guard const lock(mutex_);
        ++changes_;
    }
    changed_.notify_all();
}

bool change_signal::wait_until(std::function<bool()> const& done,
                               std::chrono::milliseconds at_most) const {
    auto const until = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        std::uint64_t known = 0;
        {
            std::lock_guard const lock(mutex_);
            known = changes_;
        }
        if (done()) return true;
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, until, [&] { return changes_ != known; })) return false;
    }
}

}  // namespace testing
}  // namespace cxb::inline v1
