#include "cxb/domain/spoken_number.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cxb/base/encoding.hpp"
#include "cxb/base/random.hpp"
#include "tests/unit/domain/second_speaker.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb_test;

// 20-37: the whole table of spec 20 §7.
TEST(SpokenNumber, HindiFrom0To99AsListed) {
    ASSERT_EQ(hindi_list().size(), 100U);
    for (std::uint64_t number = 0; number < 100; ++number)
        EXPECT_EQ(number_in_hindi(number), hindi_list()[number]) << number;
    EXPECT_EQ((std::set<std::string>(hindi_list().begin(), hindi_list().end()).size()), 100U);
}

TEST(SpokenNumber, EnglishFrom0To99) {
    ASSERT_EQ(english_list().size(), 100U);
    for (std::uint64_t number = 0; number < 100; ++number)
        EXPECT_EQ(number_in_english(number), english_list()[number]) << number;
    EXPECT_EQ(number_in_english(14), "fourteen");
    EXPECT_EQ(number_in_english(40), "forty");
    EXPECT_EQ(number_in_english(99), "ninety-nine");
}

TEST(SpokenNumber, GroupsThatAreZeroAreLeftOut) {
    EXPECT_EQ(number_in_english(100), "one hundred");
    EXPECT_EQ(number_in_english(1001), "one thousand one");
    EXPECT_EQ(number_in_english(100000), "one lakh");
    EXPECT_EQ(number_in_english(10000000), "one crore");
    EXPECT_EQ(number_in_english(10000100), "one crore one hundred");
    EXPECT_EQ(number_in_hindi(205), "दो सौ पाँच");
}

TEST(SpokenNumber, WhatStandsBeforeTheCroreIsANumberItself) {
    EXPECT_EQ(number_in_english(15'000'000'000), "one thousand five hundred crore");
    EXPECT_EQ(number_in_english(1'000'000'000'000), "one lakh crore");
    EXPECT_EQ(number_in_english(100'000'000'000'000), "one crore crore");
    EXPECT_EQ(number_in_english(18'446'744'073'709'551'615U),
              second_number("18446744073709551615", english_speaker()));
}

TEST(SpokenNumber, AgreesWithASecondRoutine) {
    seeded_random random{20};
    for (int i = 0; i < 2000; ++i) {
        std::uint64_t bound = 1;
        for (auto digits = random.below(19); digits > 0; --digits)
            bound *= 10;
        auto const number = random.below(bound);
        auto const digits = std::to_string(number);
        EXPECT_EQ(number_in_hindi(number), second_number(digits, hindi_speaker())) << digits;
        EXPECT_EQ(number_in_english(number), second_number(digits, english_speaker())) << digits;
    }
}

// The nukta is a character of its own in NFC: U+095C and its like never stand in such a text.
TEST(SpokenNumber, HindiIsInFormNFC) {
    for (std::uint64_t number : {1000U, 38U, 68U, 10000000U, 99U}) {
        auto const text = number_in_hindi(number);
        EXPECT_TRUE(is_utf8(text));
        for (char last = '\x98'; last <= '\x9F'; ++last)
            EXPECT_EQ(text.find(std::string("\xE0\xA5") + last), std::string::npos) << text;
    }
    EXPECT_NE(number_in_hindi(1000).find("\u091C\u093C"), std::string::npos);
}

}  // namespace
