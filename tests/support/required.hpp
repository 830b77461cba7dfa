#pragma once
/// @file
/// What the tests need beside the compiler, and what happens where it is missing.
///
/// A developer's machine may lack it: the tests say SKIP and why. Where everything has to run, in
/// continuous integration, a skipped test would be a hole that nobody sees: there it is a failure.

#include <string>

namespace cxb::test {

/// Does everything have to run? True with `CI=true` or `CXB_TEST_REQUIRE_ALL=1`.
[[nodiscard]] bool everything_is_required();

/// Passes on what is missing ("" = nothing). Throws where everything has to run; gtest makes a
/// failure of that, whether it comes in a test, a SetUp or an environment.
std::string missing_here(std::string what);

}  // namespace cxb::test

/// For the beginning of a test or a SetUp: skips, saying why, unless `what` is "".
#define CXB_SKIP_IF_MISSING(what)                              \
    if (auto const cxb_missing = (what); !cxb_missing.empty()) \
    GTEST_SKIP() << "SKIP: " << cxb_missing
