#include "cxb/base/http_date.hpp"

#include <gtest/gtest.h>

namespace cxb {
namespace {

TEST(HttpDate, FormatsAndReadsTheFixedForm) {
    auto const at = parse_timestamp("1994-11-06T08:49:37.900Z").value();
    EXPECT_EQ(format_http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), at - milliseconds(900));
    EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), time_point{});
}

TEST(HttpDate, EveryDayOfALeapYearComesBack) {
    auto at = parse_timestamp("2028-01-01T23:59:59Z").value();
    for (int day = 0; day < 366; ++day, at += std::chrono::hours(24))
        EXPECT_EQ(parse_http_date(format_http_date(at)), at) << format_timestamp(at);
}

TEST(HttpDate, RefusesWhatIsNoDate) {
    for (auto const* text :
         {"", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
          "Sun, 6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
          "Sun Nov  6 08:49:37 1994", "Xyz, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nox 1994 08:49:37 GMT", "Tue, 30 Feb 2027 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
          "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 0x Nov 1994 08:49:37 GMT"})
        EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace cxb
