// A build without CXB_FAIL_POINTS has nothing of them: here the macro is what it is there, since
// only the sources in the table are compiled with the definition.
#include "src/base/fail_point.hpp"

#include <gtest/gtest.h>

#ifdef CXB_FAIL_POINTS
#error "only the sources named in fail_point_table.hpp are compiled with fail-points"
#endif

namespace {

#define TEXT_OF(...) #__VA_ARGS__
#define EXPANDED(...) TEXT_OF(__VA_ARGS__)

TEST(FailPointLeftOut, IsAnEmptyExpression) {
    EXPECT_STREQ(EXPANDED(CXB_FAIL_POINT("store.group.before_commit")), "static_cast<void>(0)");
    // Not even a name is checked: nothing of the table is known.
    constexpr auto nothing = [] {
        CXB_FAIL_POINT("nowhere");
        return true;
    }();
    static_assert(nothing);
}

}  // namespace
