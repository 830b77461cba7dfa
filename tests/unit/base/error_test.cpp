#include "cxb/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/base/nullable.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/base/result.hpp"

namespace cxb {
enum class colour { red, green };
template <>
struct enum_words<colour> {
    static constexpr std::pair<colour, std::string_view> words[] = {{colour::red, "red"},
                                                                    {colour::green, "green"}};
    static constexpr std::pair<std::string_view, colour> aliases[] = {{"rouge", colour::red}};
};
namespace {

TEST(Error, SpeaksToFourReaders) {
    error const e = error{errc::conflict, "Bot is used by a running campaign"}
                        .with_reason("bot_locked")
                        .with_note({"campaign 7"})
                        .with_retry_after(std::chrono::seconds{3});
    EXPECT_EQ(e.code(), errc::conflict);
    EXPECT_EQ(e.reason(), "bot_locked");
    EXPECT_EQ(e.retry_after(), std::chrono::seconds{3});
    EXPECT_NE(e.to_log_text().find("campaign 7"), std::string::npos);
    EXPECT_EQ(error{errc::not_found}.reason(), "not_found");
    EXPECT_EQ(error{errc::not_found}.detail(), "not_found");
}

TEST(Error, EveryCodeHasANameOfItsOwn) {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(errc::internal); ++i)
        names.push_back(name_of(static_cast<errc>(i)));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    EXPECT_TRUE(may_repeat(errc::unavailable));
    EXPECT_FALSE(may_repeat(errc::invalid));
}

result<int> half(int value) {
    if (value % 2 != 0) return invalid_member("/value", "must be even");
    return value / 2;
}
result<int> quarter(int value) {
    CXB_TRY(int const h, half(value));
    return half(h);
}

TEST(Result, TryPassesErrorsOn) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().pointer(), "/value");
    EXPECT_EQ(quarter(6).error().faults().size(), 1U);
    EXPECT_THROW((void)quarter(1).value(), bad_result);
}

TEST(OpenEnum, UnknownWordsSurvive) {  // 10-3
    auto const unknown = open_enum<colour>::from_text("martian");
    EXPECT_FALSE(unknown.known());
    EXPECT_EQ(unknown.text(), "martian");
    EXPECT_EQ(open_enum<colour>::from_text("rouge"), colour::red);
    EXPECT_EQ(open_enum<colour>::from_text("Red").known(), std::nullopt);
    EXPECT_EQ(open_enum<colour>(colour::green).text(), "green");
}

TEST(Nullable, ThreeStates) {
    nullable<int> const absent;
    nullable<int> const empty = null;
    nullable<int> const five = 5;
    EXPECT_TRUE(absent.is_absent());
    EXPECT_TRUE(empty.is_null());
    EXPECT_TRUE(five.has_value());
    EXPECT_NE(absent, empty);
}

}  // namespace
}  // namespace cxb
