#include "cxb/domain/system_variables.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

wire::json_object variables(char const* at, char const* zone) {
    return system_variables(parse_timestamp(at).value(), find_time_zone(zone).value());
}

// 20-28
TEST(SystemVariables, ExampleOfTheSpec) {
    EXPECT_EQ(wire::to_text(variables("2026-06-05T10:15:00Z", "Asia/Kolkata")),
              R"({"current_date":"05 June 2026","current_time":"03:45 PM IST",)"
              R"("current_datetime":"05 June 2026, 03:45 PM IST",)"
              R"("timezone":"Asia/Kolkata","current_day":"Friday"})");
}

TEST(SystemVariables, TwelveHourClock) {
    EXPECT_EQ(variables("2026-01-01T00:05:00Z", "UTC")["current_time"], "12:05 AM UTC");
    EXPECT_EQ(variables("2026-01-01T12:00:00Z", "UTC")["current_time"], "12:00 PM UTC");
    EXPECT_EQ(variables("2026-01-01T23:59:00Z", "UTC")["current_time"], "11:59 PM UTC");
    EXPECT_EQ(variables("2026-01-01T00:05:00Z", "Asia/Dubai")["current_time"], "04:05 AM +04");
}

}  // namespace
