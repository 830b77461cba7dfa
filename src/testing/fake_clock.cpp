#include "cxb/testing/fake_clock.hpp"

#include <cassert>

namespace cxb::inline v1 {
namespace testing {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

fake_clock::fake_clock(time_point start)
    : offset_ns_(duration_cast<nanoseconds>(start.time_since_epoch()).count()) {}

time_point fake_clock::now() const noexcept {
    return time_point(std::chrono::floor<milliseconds>(nanoseconds(offset_ns_ + steady_ns_)));
}

nanoseconds fake_clock::steady() const noexcept {
    return nanoseconds(steady_ns_);
}

void fake_clock::advance(nanoseconds by) noexcept {
    assert(by.count() >= 0);
    steady_ns_ += by.count();
}

void fake_clock::set_wall(time_point to) noexcept {
    offset_ns_ = duration_cast<nanoseconds>(to.time_since_epoch()).count() - steady_ns_;
}

}  // namespace testing
}  // namespace cxb::inline v1
