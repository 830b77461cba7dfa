#include "cxb/domain/password_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;

std::string reason(std::string_view password, std::string_view email = "asha@example.com") {
    auto const out = check_password(password, email);
    if (out) return "";
    EXPECT_EQ(out.error().code(), errc::invalid);
    EXPECT_EQ(out.error().faults().at(0).pointer, "/password");
    return out.error().faults().at(0).reason;
}

TEST(PasswordRules, Length) {
    EXPECT_EQ(reason("short-one"), "must be 10 to 256 bytes");
    EXPECT_EQ(reason("ten-bytes!"), "");
    EXPECT_EQ(reason(std::string(256, 'x')), "");
    EXPECT_EQ(reason(std::string(257, 'x')), "must be 10 to 256 bytes");
    EXPECT_EQ(reason("पासवर्ड"), "") << "bytes, not characters";
    EXPECT_EQ(reason(""), "must be 10 to 256 bytes");
}

TEST(PasswordRules, Utf8EmailAndCommonOnes) {
    EXPECT_EQ(reason("abcdefghi\xff"), "must be valid UTF-8");
    EXPECT_EQ(reason("Asha@Example.com"), "must differ from the email");
    EXPECT_EQ(reason("password123"), "is too common");
    EXPECT_EQ(reason("QwertyUIOP"), "is too common");
    EXPECT_EQ(reason("1234567890"), "is too common");
}

TEST(PasswordRules, PointerCanBeNamed) {
    auto const out = check_password("x", "", "/new_password");
    EXPECT_EQ(out.error().faults().at(0).pointer, "/new_password");
}

TEST(PasswordRules, ListIsUsable) {
    auto const list = common_passwords();
    EXPECT_GE(list.size(), 200U);
    EXPECT_TRUE(std::ranges::is_sorted(list));
    for (auto const word : list) {
        EXPECT_GE(word.size(), min_password_bytes) << word;
        EXPECT_EQ(to_lower(word), word);
    }
}

}  // namespace
