#include "cxb/wire/retry_after.hpp"

#include <gtest/gtest.h>

namespace cxb::wire {
namespace {

std::optional<seconds> asked(std::string value) {
    header_list headers;
    headers.set("Retry-After", std::move(value));
    return retry_after(headers, parse_timestamp("2026-01-02T03:04:05.500Z").value());
}

TEST(RetryAfter, SecondsAndDates) {
    EXPECT_EQ(asked("0"), seconds(0));
    EXPECT_EQ(asked(" 120 "), seconds(120));
    EXPECT_EQ(asked("99999999999999999999999"), seconds(31'536'000));
    EXPECT_EQ(asked("Fri, 02 Jan 2026 03:06:05 GMT"), seconds(120));
    EXPECT_EQ(asked("Fri, 02 Jan 2026 03:04:05 GMT"), seconds(0));
    EXPECT_EQ(asked("Fri, 31 Dec 9999 23:59:59 GMT"), seconds(31'536'000));
}

TEST(RetryAfter, AnythingElseIsNoWish) {
    EXPECT_FALSE(retry_after({}, time_point{}));
    for (auto const* text : {"", "-1", "+1", "1.5", "1s", "soon", "Fri, 02 Jan 2026 03:06:05"})
        EXPECT_FALSE(asked(text)) << text;
}

}  // namespace
}  // namespace cxb::wire
