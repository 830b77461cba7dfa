#include "cxb/domain/byte_range.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;
using enum range_kind;

byte_range part(std::uint64_t first, std::uint64_t last) {
    return {partial, first, last};
}

// 21-21
TEST(ByteRange, OneRange) {
    EXPECT_EQ(parse_range("bytes=0-99", 1000), part(0, 99));
    EXPECT_EQ(parse_range("bytes=-100", 1000), part(900, 999));
    EXPECT_EQ(parse_range("bytes=100-", 1000), part(100, 999));
    EXPECT_EQ(parse_range("bytes=0-0", 1000).length(), 1U);
    EXPECT_EQ(parse_range("BYTES= 5-6 ", 1000), part(5, 6));
    EXPECT_EQ(parse_range("bytes=990-5000", 1000), part(990, 999));
    EXPECT_EQ(parse_range("bytes=-5000", 1000), part(0, 999));
    EXPECT_EQ(parse_range("bytes=10-99999999999999999999999", 1000), part(10, 999));
}

// 21-21
TEST(ByteRange, BeyondTheEnd) {
    for (auto const* header :
         {"bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999999-"})
        EXPECT_EQ(parse_range(header, 1000).kind, unsatisfiable) << header;
    EXPECT_EQ(parse_range("bytes=0-", 0).kind, unsatisfiable);
    EXPECT_EQ(parse_range("bytes=-5", 0).kind, unsatisfiable);
}

// 21-21
TEST(ByteRange, SeveralOrUnreadableMeansWhole) {
    for (auto const* header :
         {"", "bytes=0-1,5-6", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "items=0-1", "0-1",
          "bytes=1--2", "bytes=0x1-2", "bytes=+1-2", "bytes 0-1", "bytes=1", "bytes=1-2-3"})
        EXPECT_EQ(parse_range(header, 1000).kind, whole) << header;
}

TEST(ByteRange, ContentRange) {
    EXPECT_EQ(content_range(part(0, 99), 1000), "bytes 0-99/1000");
    EXPECT_EQ(content_range({unsatisfiable, 0, 0}, 1000), "bytes */1000");
    EXPECT_EQ(content_range({}, 1000), "");
}

TEST(ByteRange, ContentRangeOfOthers) {
    EXPECT_EQ(parse_content_range("bytes 0-99/1000"), (served_range{0, 99, 1000}));
    EXPECT_EQ(parse_content_range(" Bytes 5-5/6 "), (served_range{5, 5, 6}));
    EXPECT_EQ(parse_content_range("bytes 0-99/*"), (served_range{0, 99, std::nullopt}));
    for (char const* bad : {"", "bytes */1000", "bytes 0-99", "bytes 9-5/10", "bytes 0-10/10",
                            "bytes -5/10", "bytes 0-/10", "bytes a-b/c", "items 0-1/2",
                            "bytes 0/1-2", "bytes 0-1/", "bytes 0-1/2/3"})
        EXPECT_EQ(parse_content_range(bad), std::nullopt) << bad;
}

TEST(ByteRange, IfRange) {
    auto const at = parse_timestamp("1994-11-06T08:49:37.900Z").value();
    EXPECT_TRUE(if_range_holds("", "\"e1\"", at));
    EXPECT_TRUE(if_range_holds("\"e1\"", "\"e1\"", at));
    EXPECT_FALSE(if_range_holds("\"e2\"", "\"e1\"", at));
    EXPECT_FALSE(if_range_holds("W/\"e1\"", "W/\"e1\"", at));
    EXPECT_TRUE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", "", at));
    EXPECT_FALSE(if_range_holds("Sun, 06 Nov 1994 08:49:38 GMT", "", at));
    EXPECT_FALSE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", "", std::nullopt));
    EXPECT_EQ(judge_range("bytes=0-9", "\"old\"", "\"new\"", at, 100).kind, whole);
    EXPECT_EQ(judge_range("bytes=0-9", "\"new\"", "\"new\"", at, 100), part(0, 9));
}

}  // namespace
