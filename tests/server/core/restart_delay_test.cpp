#include "server/core/process/restart_delay.hpp"

#include <gtest/gtest.h>

#include "server/core/process/core_metrics.hpp"

namespace {

using namespace std::chrono_literals;
using cxb::core::restart_delay;

TEST(RestartDelay, GrowsAndStartsAgainAfterALongLife) {
    restart_delay delay;
    restart_delay::moment now{};
    std::vector<std::chrono::milliseconds> seen;
    for (int i = 0; i < 6; ++i) {
        auto const born = now;
        now += 20s;
        seen.push_back(delay.next(born, now));
    }
    EXPECT_EQ(seen, (std::vector<std::chrono::milliseconds>{0ms, 500ms, 1s, 2s, 5s, 10s}));
    EXPECT_EQ(delay.next(now, now + 61s), 0ms);
}

TEST(RestartDelay, FiveDeathsInAMinuteSlowItDown) {
    restart_delay delay;
    restart_delay::moment now{};
    for (int i = 0; i < 4; ++i)
        EXPECT_LT(delay.next(now, now += 1s), 30s);
    EXPECT_EQ(delay.next(now, now + 1s), 30s);
    EXPECT_TRUE(delay.flapping());
}

TEST(CoreMetrics, ExpositionsAreMergedByFamily) {
    std::string const text =
        "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n"
        "# HELP b B.\n# TYPE b gauge\nb{x=\"y\"} 2\n";
    EXPECT_EQ(cxb::core::merge_expositions({{"1", text}, {"2", text}}),
              "# HELP a_total A.\n# TYPE a_total counter\na_total{worker=\"1\"} 1\n"
              "a_total{worker=\"2\"} 1\n# HELP b B.\n# TYPE b gauge\n"
              "b{worker=\"1\",x=\"y\"} 2\nb{worker=\"2\",x=\"y\"} 2\n");
}

}  // namespace
