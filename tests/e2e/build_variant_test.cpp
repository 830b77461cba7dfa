// What operators run holds nothing of the crash suite.
#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

TEST(BuildVariant, FailPointsAreInTheProcessesOrNotAtAll) {
    constexpr bool wanted = CXB_BUILT_WITH_FAIL_POINTS;
    for (char const* name : {"cxb-api", "cxb-core"}) {
        auto const bytes = test::read_file(binary(name));
        ASSERT_FALSE(bytes.empty()) << name;
        for (char const* trace : {"CXB_FAIL_POINTS", "CXB_CLOCK_OFFSET_FILE", "push.sent"})
            EXPECT_EQ(bytes.find(trace) != std::string::npos, wanted) << name << " " << trace;
    }
}

}  // namespace
}  // namespace cxb::e2e
