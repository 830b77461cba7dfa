#include "cxb/domain/spoken_date.hpp"

#include <gtest/gtest.h>

#include "cxb/base/random.hpp"
#include "tests/unit/domain/second_speaker.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb_test;

time_point const june = *parse_timestamp("2026-06-05T10:15:00Z");

time_zone zone_named(char const* name) {
    return find_time_zone(name).value();
}

spoken_text said(std::string_view text, char const* zone = "Asia/Kolkata") {
    return spoken_date(text, june, zone_named(zone));
}

struct date_row {
    char const* in;
    char const* hi;
    char const* en;
};

// 20-37: the dates of spec 20 §7.
constexpr date_row rows_of_the_spec[] = {
    {"2026-06-05", "पाँच जून", "fifth June"},
    {"31/01/2027", "इकतीस जनवरी दो हज़ार सत्ताईस", "thirty-first January twenty twenty-seven"},
    {"22-03-2009", "बाईस मार्च दो हज़ार नौ", "twenty-second March two thousand nine"},
    {"1999-12-01", "एक दिसंबर उन्नीस सौ निन्यानवे", "first December nineteen ninety-nine"},
};

TEST(SpokenDate, ExamplesOfTheSpec) {
    for (auto const& row : rows_of_the_spec)
        EXPECT_EQ(said(row.in), (spoken_text{row.hi, row.en})) << row.in;
}

TEST(SpokenDate, EveryFormIsRead) {
    for (char const* text :
         {"2027-02-09", "09-02-2027", "09/02/2027", "09-Feb-2027", "09-FEB-2027", "09-feb-2027",
          "09 February 2027", "09 FEBRUARY 2027", " 2027-02-09\n", "2027-02-09T10:00:00Z",
          "2027-02-08T19:00:00Z", "2027-02-09T23:59:59+05:30", "2027-02-09t04:00:00.123z"})
        EXPECT_EQ(said(text).en, "ninth February twenty twenty-seven") << text;
}

TEST(SpokenDate, AMomentIsTheDayItIsThenInTheBotsZone) {
    EXPECT_EQ(said("2026-06-04T20:00:00Z", "Asia/Kolkata").en, "fifth June");
    EXPECT_EQ(said("2026-06-04T20:00:00Z", "America/New_York").en, "fourth June");
    EXPECT_EQ(said("2026-12-31T20:00:00Z", "Asia/Kolkata").en, "first January twenty twenty-seven");
    EXPECT_EQ(said("2026-06-05", "America/New_York").en, "fifth June");
}

TEST(SpokenDate, TheCurrentYearIsThatOfTheZone) {
    auto const eve = *parse_timestamp("2026-12-31T20:00:00Z");
    EXPECT_EQ(spoken_date("2027-01-05", eve, zone_named("Asia/Kolkata")).en, "fifth January");
    EXPECT_EQ(spoken_date("2027-01-05", eve, zone_named("UTC")).en,
              "fifth January twenty twenty-seven");
}

TEST(SpokenDate, OtherTextsAndDaysThatDoNotExistAreSaidAsTheyAre) {
    for (char const* text : {"",
                             "tomorrow",
                             "31/02/2026",
                             "2026-02-29",
                             "2026-13-01",
                             "2026-00-10",
                             "2026-01-00",
                             "00/01/2026",
                             "32-01-2026",
                             "31-Apr-2026",
                             "31 June 2026",
                             "29 February 2100",
                             "0000-01-01",
                             "2026-6-5",
                             "5/6/2026",
                             "05.06.2026",
                             "05-06/2026",
                             "05-June-2026",
                             "05 Jun 2026",
                             "05-Foo-2026",
                             "05  June 2026",
                             "2026/06/05",
                             "20260605",
                             "05-06-26",
                             "2026-06-05T10:00",
                             "2026-06-05 10:00:00",
                             "2026-06-05T25:00:00Z",
                             "2026-06-05Z",
                             "-026-06-05",
                             "+5-06-2026",
                             "05--6-2026",
                             "2026-06-05x",
                             "05 June 2026 ,",
                             "9999-12-31T23:00:00Z"})
        EXPECT_EQ(said(text), spoken_as_is(text)) << text;
}

TEST(SpokenDate, YearsOfAllKinds) {
    struct row {
        char const* year;
        char const* hi;
        char const* en;
    };
    for (auto const& each :
         {row{"2000", "दो हज़ार", "two thousand"}, row{"2010", "दो हज़ार दस", "twenty ten"},
          row{"1900", "उन्नीस सौ", "nineteen hundred"},
          row{"1905", "उन्नीस सौ पाँच", "nineteen oh five"},
          row{"1066", "एक हज़ार छियासठ", "one thousand sixty-six"},
          row{"1100", "ग्यारह सौ", "eleven hundred"},
          row{"2100", "दो हज़ार एक सौ", "twenty-one hundred"},
          row{"2108", "दो हज़ार एक सौ आठ", "twenty-one oh eight"},
          row{"0999", "नौ सौ निन्यानवे", "nine hundred ninety-nine"}, row{"0001", "एक", "one"}}) {
        auto const out = said("01-01-" + std::string(each.year));
        EXPECT_EQ(out.hi, std::string("एक जनवरी ") + each.hi);
        EXPECT_EQ(out.en, std::string("first January ") + each.en);
    }
}

std::string digits(unsigned value, std::size_t width) {
    auto out = std::to_string(value);
    return std::string(width - std::min(width, out.size()), '0') + out;
}

// The date in each form; the moments are noon in India.
std::vector<std::string> forms_of(second_calendar const& date) {
    auto const day = digits(date.day, 2);
    auto const month = digits(date.month, 2);
    auto const year = digits(date.year, 4);
    auto const name = second_month(date.month, false);
    return {year + '-' + month + '-' + day,
            day + '-' + month + '-' + year,
            day + '/' + month + '/' + year,
            day + '-' + name.substr(0, 3) + '-' + year,
            day + ' ' + name + ' ' + year,
            year + '-' + month + '-' + day + "T06:30:00Z",
            year + '-' + month + '-' + day + "T12:00:00+05:30"};
}

// Every day of some years, each in one form, and 1 January of every year.
TEST(SpokenDate, AgreesWithASecondRoutine) {
    seeded_random random{5};
    auto const compare = [&](second_calendar const& date) {
        auto const forms = forms_of(date);
        auto const& text = forms[random.below(forms.size())];
        auto const out = said(text);
        EXPECT_EQ(out.hi, second_date(date, 2026, true)) << text;
        EXPECT_EQ(out.en, second_date(date, 2026, false)) << text;
    };
    for (unsigned const year : {1996U, 1999U, 2000U, 2024U, 2026U, 2027U, 2100U})
        for (second_calendar date{year}; date.year == year; date.next())
            compare(date);
    for (unsigned year = 1000; year <= 9999; ++year)
        compare({year});
}

TEST(SpokenDays, WordsFrom0To999) {
    EXPECT_EQ(spoken_days("0"), (spoken_text{"शून्य दिन", "zero days"}));
    EXPECT_EQ(spoken_days("1"), (spoken_text{"एक दिन", "one day"}));
    EXPECT_EQ(spoken_days(" 012 "), (spoken_text{"बारह दिन", "twelve days"}));
    for (std::int64_t days = 0; days <= spoken_days_limit; ++days) {
        auto const text = std::to_string(days);
        auto const out = days_in_words(days);
        EXPECT_EQ(spoken_days(text), out);
        EXPECT_EQ(out.hi, second_number(text, hindi_speaker()) + " दिन");
        EXPECT_EQ(out.en, second_number(text, english_speaker()) + (days == 1 ? " day" : " days"));
    }
}

TEST(SpokenDays, OtherTextsAreSaidAsTheyAre) {
    for (char const* text : {"", " ", "1000", "-1", "+1", "1.0", "12 days", "1e1", "0x1", "१२",
                             "99999999999999999999999"})
        EXPECT_EQ(spoken_days(text), spoken_as_is(text)) << text;
    EXPECT_EQ(days_in_words(1000), spoken_as_is("1000"));
    EXPECT_EQ(days_in_words(-3), spoken_as_is("-3"));
}

TEST(SpokenDays, AreCountedFromTodayInTheZone) {
    using namespace std::chrono;
    local_day const day{year{2026} / 6 / 10};
    EXPECT_EQ(days_until(day, june, zone_named("Asia/Kolkata")), 5);
    auto const late = *parse_timestamp("2026-06-05T20:00:00Z");
    EXPECT_EQ(days_until(day, late, zone_named("Asia/Kolkata")), 4);
    EXPECT_EQ(days_until(day, late, zone_named("America/New_York")), 5);
    EXPECT_EQ(days_until(local_day{year{2026} / 6 / 1}, june, zone_named("UTC")), -4);
    // A day whose clock goes forward has 23 hours and is still one day.
    auto const spring = *parse_timestamp("2026-03-28T23:30:00Z");
    EXPECT_EQ(days_until(local_day{year{2026} / 3 / 30}, spring, zone_named("Europe/Berlin")), 1);
}

TEST(SpokenDate, AnyBytesAreADateOrSaidAsTheyAre) {
    seeded_random random{6};
    std::string_view const letters = "0123456789-/ TZ:JunJune+.\xE0\xA4";
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (auto left = random.below(26); left > 0; --left)
            text += letters[random.below(letters.size())];
        auto const day = parse_spoken_date(text, zone_named("UTC"));
        if (day)
            EXPECT_TRUE(day->ok()) << text;
        else
            EXPECT_EQ(said(text, "UTC"), spoken_as_is(text));
    }
}

}  // namespace
