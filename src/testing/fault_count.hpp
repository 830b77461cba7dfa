#pragma once
// When a planned fault falls on something that fits it.

#include <cstddef>

namespace cxb::inline v1 {
namespace testing {

// Is the one that was just counted as number `seen` among `times` (0 = all) from `step` on?
constexpr bool is_due(std::size_t seen, std::size_t step, std::size_t times) noexcept {
    return seen >= step && (times == 0 || seen - step < times);
}

}  // namespace testing
}  // namespace cxb::inline v1
