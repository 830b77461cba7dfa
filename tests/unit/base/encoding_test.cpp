#include "cxb/base/encoding.hpp"

#include <gtest/gtest.h>

namespace cxb {
namespace {

TEST(Encoding, HexRoundTrip) {
    EXPECT_EQ(to_hex(std::string_view("\x00\xff\x10", 3)), "00ff10");
    EXPECT_EQ(from_hex("00FF10").value(), std::string("\x00\xff\x10", 3));
    EXPECT_EQ(from_hex("0").error().code(), errc::malformed);
    EXPECT_EQ(from_hex("zz").error().code(), errc::malformed);
}

TEST(Encoding, Base64Rfc4648Vectors) {
    std::pair<char const*, char const*> const rows[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}};
    for (auto const& [plain, encoded] : rows) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded).value(), plain);
    }
    EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
    EXPECT_EQ(from_base64url("-_8").value(), "\xfb\xff");
}

TEST(Encoding, Base64RefusesWhatItWouldNotWrite) {
    for (char const* text : {"Zg", "Zg=", "Zh==", "Z===", "Zm9v!", "Zm 9"})
        EXPECT_FALSE(from_base64(text)) << text;
    EXPECT_FALSE(from_base64url("Zg=="));
}

TEST(Encoding, PercentRoundTripAndBrokenEscapes) {
    EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
    EXPECT_EQ(percent_decode("a%20b%2F%C3%BC~").value(), "a b/ü~");
    EXPECT_EQ(percent_decode("a+b", true).value(), "a b");
    EXPECT_EQ(percent_decode("a+b").value(), "a+b");
    for (char const* text : {"%", "%2", "%zz", "abc%4"})
        EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(Encoding, Utf8WellFormedness) {
    EXPECT_TRUE(is_utf8("plain"));
    EXPECT_TRUE(is_utf8("पचास \xF0\x9F\x98\x80"));
    EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
    EXPECT_FALSE(is_utf8("\xE0\xA4"));          // cut off
}

TEST(Encoding, Utf8PrefixNeverCutsACharacter) {
    EXPECT_EQ(utf8_prefix("aü", 2), "a");
    EXPECT_EQ(utf8_prefix("aü", 3), "aü");
    EXPECT_EQ(utf8_prefix("abc", 0), "");
}

TEST(Encoding, TrimAndCase) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim("  "), "");
    EXPECT_EQ(to_lower("AbÜ9"), "abÜ9");
    EXPECT_TRUE(iequals("X-Api-Key", "x-aPI-key"));
    EXPECT_FALSE(iequals("a", "ab"));
}

}  // namespace
}  // namespace cxb
