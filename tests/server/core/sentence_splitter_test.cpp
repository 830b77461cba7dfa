#include "server/core/conversation/sentence_splitter.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb::core;
using pieces = std::vector<std::string>;

pieces split(std::string_view text, std::size_t step) {
    sentence_splitter splitter;
    pieces out;
    for (std::size_t at = 0; at < text.size(); at += step)
        for (auto& piece : splitter.push(text.substr(at, step)))
            out.push_back(std::move(piece));
    for (auto& piece : splitter.finish())
        out.push_back(std::move(piece));
    return out;
}

void expect_split(std::string_view text, pieces const& expected) {
    for (std::size_t const step : {std::size_t{1}, std::size_t{2}, std::size_t{5}, text.size()})
        EXPECT_EQ(split(text, step), expected) << "pieces of " << step << " bytes";
}

// 80-18
TEST(SentenceSplitter, ExampleOfTheSpec) {
    expect_split("Hello Ravi. Your due is Rs. 4,200.50 today. Okay?",
                 {"Hello Ravi.", "Your due is Rs. 4,200.50 today.", "Okay?"});
}

// 80-18
TEST(SentenceSplitter, NumbersAndAbbreviationsAreNotCut) {
    expect_split("It is 3.5 lakh in all. Pay Rs. 500 now. Dr. Rao and Mrs. Rao agree.",
                 {"It is 3.5 lakh in all.", "Pay Rs. 500 now.", "Dr. Rao and Mrs. Rao agree."});
    expect_split("Take No. 5, St. Mary vs. the rest.", {"Take No. 5, St. Mary vs. the rest."});
}

// 80-18
TEST(SentenceSplitter, HindiDandaEllipsisAndLineEnd) {
    expect_split("आप कैसे हैं आज। मैं ठीक हूँ जी।", {"आप कैसे हैं आज।", "मैं ठीक हूँ जी।"});
    expect_split("Let me see… That is all then.", {"Let me see…", "That is all then."});
    expect_split("First line\nSecond line here", {"First line", "Second line here"});
}

TEST(SentenceSplitter, ShortPiecesAreJoinedToTheNext) {
    expect_split("Yes. Sure. I will do that for you.", {"Yes. Sure.", "I will do that for you."});
}

TEST(SentenceSplitter, RunsOfMarksAndQuotesStayTogether) {
    expect_split("Are you sure?! I said \"go home.\" Then he left.",
                 {"Are you sure?!", "I said \"go home.\"", "Then he left."});
}

TEST(SentenceSplitter, FirstPieceMayEndAtAClause) {
    expect_split(
        "Thank you very much for your patience, Ravi, I will look, at once, for you, sir.",
        {"Thank you very much for your patience,", "Ravi, I will look, at once, for you, sir."});
    expect_split("Thank you; Ravi, that is good.", {"Thank you; Ravi, that is good."});
}

TEST(SentenceSplitter, LongPieceIsCutAtTheLastBlank) {
    std::string text;
    for (int i = 0; i < 60; ++i)
        text += "word" + std::to_string(i) + " ";
    for (auto const& piece : split(text, 7))
        EXPECT_LE(piece.size(), 200U);
    std::string joined;
    for (auto const& piece : split(text, 7))
        joined += piece + " ";
    EXPECT_EQ(joined, text);
    EXPECT_EQ(split(std::string(500, 'x'), 50).size(), 1U);
}

TEST(SentenceSplitter, ClearForgetsWhatWaits) {
    sentence_splitter splitter;
    EXPECT_TRUE(splitter.push("Hello Ra").empty());
    splitter.clear();
    EXPECT_TRUE(splitter.finish().empty());
}

TEST(SentenceSplitter, ClauseRuleHoldsForTheFirstPieceOfEachTurn) {
    sentence_splitter splitter;
    auto const text = "Thank you very much for your patience, Ravi.";
    EXPECT_EQ(splitter.push(text).size(), 1U);
    EXPECT_EQ(splitter.finish(), pieces{"Ravi."});
    EXPECT_EQ(splitter.push(text).size(), 1U);
}

TEST(SentenceSplitter, NothingGivesNothing) {
    EXPECT_TRUE(split("   \n ", 1).empty());
    EXPECT_TRUE(split("***", 1).empty());
    EXPECT_TRUE(sentence_splitter().finish().empty());
}

TEST(Speakable, MarkdownEmojiAndBlanksGo) {
    EXPECT_EQ(speakable("**Hello**  _there_,\n`code` ~~x~~"), "Hello there, code x");
    EXPECT_EQ(speakable("## Plan\n- first\n* second\n> third"), "Plan first second third");
    EXPECT_EQ(speakable("See [our page](https://a.b/c) now"), "See our page now");
    EXPECT_EQ(speakable("Done 👍🏽 and ❤️ all"), "Done and all");
    EXPECT_EQ(speakable("snake_case stays, #1 too, 5 - 3"), "snake_case stays, #1 too, 5 - 3");
    EXPECT_EQ(speakable("क्‍ष"), "क्‍ष");
}

TEST(Speakable, BrokenBytesAreKept) {
    EXPECT_EQ(speakable("a\xff"
                        "b"),
              "a\xff"
              "b");
}

}  // namespace
