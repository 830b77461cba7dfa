#pragma once
/// @file
/// `CXB_FAIL_POINT("store.group.before_commit");` marks a moment at which the crash suite ends or
/// holds up a process. Nothing but a comment unless the build has the CMake option CXB_FAIL_POINTS:
/// then the macro expands to an empty expression and nothing else of this exists.
///
/// The names stand in `fail_point_table.hpp`; another one does not compile. Points are armed by the
/// environment of the process:
///
/// ```
/// CXB_FAIL_POINTS="store.group.committed@3=kill;push.sent@*=wait:200;jobs.claimed@2-9=wait:5"
/// ```
/// `@n`: the n-th time the point is passed, `@n-m`: from the n-th to the m-th time, `@*`: always.
/// `kill` is SIGKILL to the process itself, `wait:ms` holds up the thread. Any other text
/// ends the process at once with exit code 78 and the reason.
///
/// In such a build CXB_CLOCK_OFFSET_FILE names a file of 8 bytes, a number of milliseconds in the
/// machine's order, that is added to the wall clock whenever it is read: tests step the clock of a
/// running process by writing to it. Steady time is not touched.

#ifdef CXB_FAIL_POINTS

#include "cxb/base/clock.hpp"
#include "src/base/fail_point_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace fail {

/// Counts the passing and does what was asked for. Thread-safe.
void pass(std::size_t point) noexcept;
/// What CXB_CLOCK_OFFSET_FILE says now; 0 without it.
[[nodiscard]] milliseconds clock_offset() noexcept;

}  // namespace fail
}  // namespace cxb::inline v1
CXB_EXPORT_END

#define CXB_FAIL_POINT(name) \
    ::cxb::fail::pass(std::integral_constant<std::size_t, ::cxb::fail::index_of(name)>::value)

#else

#define CXB_FAIL_POINT(name) static_cast<void>(0)

#endif
