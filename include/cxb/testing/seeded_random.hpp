#pragma once
/// @file
/// Randomness that repeats itself: `cxb::seeded_random` under the name of the other doubles.
///
/// ```cpp
/// testing::seeded_random random(7);
/// options.random = &random;         // the same ids, waits and choices in every run
/// ```
/// The same seed gives the same bytes on every machine. Not for secrets. Thread-safety: one thread;
/// give each of several its own.

#include "cxb/base/random.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

using cxb::seeded_random;

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
