#include "cxb/domain/spoken_amount.hpp"

#include <gtest/gtest.h>

#include "cxb/base/random.hpp"
#include "tests/unit/domain/second_speaker.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb_test;

struct amount_row {
    char const* in;
    char const* hi;
    char const* en;
};

// 20-37: the amounts of spec 20 §7.
constexpr amount_row rows_of_the_spec[] = {
    {"50000", "पचास हज़ार रुपये", "fifty thousand rupees"},
    {"1", "एक रुपया", "one rupee"},
    {"0", "शून्य रुपये", "zero rupees"},
    {"₹1,250.75", "एक हज़ार दो सौ पचास रुपये पचहत्तर पैसे",
     "one thousand two hundred fifty rupees and seventy-five paise"},
    {"0.5", "पचास पैसे", "fifty paise"},
    {"0.01", "एक पैसा", "one paisa"},
    {"1,23,456", "एक लाख तेईस हज़ार चार सौ छप्पन रुपये",
     "one lakh twenty-three thousand four hundred fifty-six rupees"},
    {"12550750", "एक करोड़ पच्चीस लाख पचास हज़ार सात सौ पचास रुपये",
     "one crore twenty-five lakh fifty thousand seven hundred fifty rupees"},
    {"15000000000", "एक हज़ार पाँच सौ करोड़ रुपये", "one thousand five hundred crore rupees"},
    {"12 lakhs", "12 lakhs", "12 lakhs"},
};

TEST(SpokenAmount, ExamplesOfTheSpec) {
    for (auto const& row : rows_of_the_spec)
        EXPECT_EQ(spoken_amount(row.in), (spoken_text{row.hi, row.en})) << row.in;
}

TEST(SpokenAmount, WhatIsStripped) {
    for (char const* text :
         {"1250.75", " 1 250.75 ", "1,250.75", "₹1250.75", "₹ 1,250.75/-", "Rs1250.75",
          "Rs.1250.75", "Rs. 1,250.75 /-", "1250.75 Rs.", "INR 1250.75", "1250.75INR", "rs 1250.75",
          "inr1250.75", "₹ Rs. 1250.75", "\u00A01\u202F250.75\t", "001250.75"})
        EXPECT_EQ(parse_amount(text), 125075) << text;
}

TEST(SpokenAmount, OtherTextsAreSaidAsTheyAre) {
    for (char const* text : {"",
                             " ",
                             ".",
                             "₹",
                             "/-",
                             "Rs.",
                             "-5",
                             "+5",
                             "1.",
                             ".5",
                             "1.2.3",
                             "1e3",
                             "0x10",
                             "12 lakhs",
                             "1R2",
                             "1/-2",
                             "1Rs2",
                             "1₹2",
                             "१२३",
                             "5%",
                             "NaN",
                             "1\u20032",
                             "five",
                             "1.5a",
                             "$5",
                             "5-",
                             "10000000000000",
                             "10000000000000.00",
                             "99999999999999999999999999999999"}) {
        EXPECT_FALSE(parse_amount(text)) << text;
        EXPECT_EQ(spoken_amount(text), spoken_as_is(text)) << text;
    }
}

TEST(SpokenAmount, BelowTenToTheThirteen) {
    EXPECT_EQ(parse_amount("9999999999999"), 999'999'999'999'900);
    EXPECT_EQ(parse_amount("00009999999999999.99"), 999'999'999'999'999);
    EXPECT_FALSE(parse_amount(std::to_string(amount_limit)));
    EXPECT_EQ(spoken_amount("9999999999999.999").en, "ten lakh crore rupees");
}

TEST(SpokenAmount, HalfUpToPaise) {
    EXPECT_EQ(parse_amount("0.004"), 0);
    EXPECT_EQ(parse_amount("0.0049999999999999999999"), 0);
    EXPECT_EQ(parse_amount("0.005"), 1);
    EXPECT_EQ(parse_amount("1.005"), 101);
    EXPECT_EQ(parse_amount("2.675"), 268);
    EXPECT_EQ(parse_amount("1.994"), 199);
    EXPECT_EQ(parse_amount("1.995"), 200);
    EXPECT_EQ(parse_amount("7.1"), 710);
    EXPECT_EQ(spoken_amount("0.995").en, "one rupee");
    EXPECT_EQ(spoken_amount("0.001").en, "zero rupees");
    EXPECT_EQ(spoken_amount("1.01"), (spoken_text{"एक रुपया एक पैसा", "one rupee and one paisa"}));
    EXPECT_EQ(spoken_amount("2.99"),
              (spoken_text{"दो रुपये निन्यानवे पैसे", "two rupees and ninety-nine paise"}));
}

// Digits in groups as Indians write them.
std::string grouped(std::string digits) {
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        std::size_t const left = digits.size() - i;
        if (i > 0 && left >= 3 && left % 2 == 1) out += ',';
        out += digits[i];
    }
    return out;
}

TEST(SpokenAmount, AgreesWithASecondRoutine) {
    seeded_random random{37};
    char const* const before[] = {"", "₹", "Rs.", "Rs ", "INR ", " "};
    char const* const after[] = {"", "/-", " Rs", " INR", " "};
    for (int i = 0; i < 2000; ++i) {
        std::string digits = std::to_string(1 + random.below(9));
        for (auto more = random.below(13); more > 0; --more)
            digits += static_cast<char>('0' + random.below(3) * random.below(5) % 10);
        std::string text = before[random.below(std::size(before))];
        text += random.below(2) == 0 ? digits : grouped(digits);
        unsigned paise = 0;
        if (random.below(2) == 0) {
            paise = static_cast<unsigned>(random.below(100));
            text += '.' + std::string(paise < 10 ? "0" : "") + std::to_string(paise);
            text += random.below(2) == 0 ? "" : std::to_string(random.below(50) / 10) + "9";
        }
        text += after[random.below(std::size(after))];
        auto const said = spoken_amount(text);
        EXPECT_EQ(said.hi, second_amount(digits, paise, hindi_speaker())) << text;
        EXPECT_EQ(said.en, second_amount(digits, paise, english_speaker())) << text;
    }
}

TEST(SpokenAmount, AnyBytesAreReadOrSaidAsTheyAre) {
    seeded_random random{38};
    std::string_view const letters = "0123456789.,₹Rs/-INR +e\xE2\x82\xC2\xA0";
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (auto left = random.below(20); left > 0; --left)
            text += letters[random.below(letters.size())];
        auto const paise = parse_amount(text);
        auto const said = spoken_amount(text);
        if (paise) {
            EXPECT_GE(*paise, 0) << text;
            EXPECT_LE(*paise, amount_limit * 100) << text;
            EXPECT_NE(said.en.find_first_of("rp"), std::string::npos) << text;
            EXPECT_EQ(said.en.find_first_of("0123456789"), std::string::npos) << text;
        } else {
            EXPECT_EQ(said, spoken_as_is(text));
        }
    }
}

}  // namespace
