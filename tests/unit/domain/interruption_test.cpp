#include "cxb/domain/interruption.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb::domain;

bool cuts(std::string_view heard, bot_line line = bot_line::ordinary,
          interruption_rule const& rule = {}) {
    return judge_interruption(rule, heard, line) == interruption_verdict::cut;
}

// 10-15, 80-12: the four rows of the spec.
TEST(Interruption, RowsOfTheSpec) {
    EXPECT_FALSE(cuts("haan ji"));
    EXPECT_TRUE(cuts("haan but listen"));
    EXPECT_TRUE(cuts("wrong number"));
    EXPECT_FALSE(cuts("no wait"));
}

// 80-12: an opening that is not interruptible.
TEST(Interruption, GuardedLineIsCutByHighIntentOnly) {
    EXPECT_FALSE(cuts("hello hello hello hello", bot_line::guarded));
    EXPECT_TRUE(cuts("Sorry, WRONG number!", bot_line::guarded));
    EXPECT_FALSE(cuts("wrong number", bot_line::final_line));
}

// 80-13
TEST(Interruption, BackchannelsNeverCutHoweverMany) {
    EXPECT_FALSE(cuts("haan haan haan, okay... ji!"));
    EXPECT_TRUE(only_backchannels({}, "Haan."));
    EXPECT_FALSE(only_backchannels({}, "haan no"));
    EXPECT_FALSE(only_backchannels({}, " ... "));
}

TEST(Interruption, HighIntentNeedsWholeWords) {
    EXPECT_TRUE(cuts("agent"));
    EXPECT_FALSE(cuts("reagent"));
    EXPECT_FALSE(cuts("the wrong"));
    EXPECT_TRUE(cuts("paise de diye"));
}

TEST(Interruption, NothingHeardIsIgnored) {
    interruption_rule rule;
    rule.min_words = 0;
    EXPECT_FALSE(cuts("", bot_line::ordinary, rule));
    EXPECT_FALSE(cuts(" , . ", bot_line::ordinary, rule));
    EXPECT_TRUE(cuts("no", bot_line::ordinary, rule));
}

TEST(Interruption, CanBeSwitchedOff) {
    interruption_rule rule;
    rule.enabled = false;
    EXPECT_FALSE(cuts("wrong number", bot_line::ordinary, rule));
}

TEST(Interruption, BackchannelsMayHaveSeveralWordsAndOtherScripts) {
    interruption_rule rule;
    rule.backchannels = {"theek hai", "हाँ"};
    EXPECT_FALSE(cuts("theek hai theek hai", bot_line::ordinary, rule));
    EXPECT_TRUE(cuts("theek theek hai", bot_line::ordinary, rule));
    EXPECT_FALSE(cuts("हाँ। हाँ… हाँ", bot_line::ordinary, rule));
    EXPECT_TRUE(cuts("मुझे बात करनी", bot_line::ordinary, rule));
}

TEST(Interruption, WordsAreLowerCaseWithoutPunctuation) {
    EXPECT_EQ(spoken_words("No, WAIT! It's 3.5 lakh…"),
              (std::vector<std::string>{"no", "wait", "it's", "3", "5", "lakh"}));
}

}  // namespace
