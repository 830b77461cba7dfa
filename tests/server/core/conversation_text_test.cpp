#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"
#include "server/core/conversation/history.hpp"
#include "server/core/conversation/played_text.hpp"
#include "server/core/conversation/text_units.hpp"
#include "server/core/conversation/tool_arguments.hpp"
#include "server/core/conversation/voicemail.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;

// 80-12: "I can offer".
TEST(PlayedText, ExampleOfTheSpec) {
    EXPECT_EQ(played_text({}, "I can offer you three options today.", 1000ms, 2100ms),
              "I can offer");
}

TEST(PlayedText, FinishedSentencesStandBefore) {
    std::vector<std::string> const done{"Hello Ravi.", "Listen."};
    EXPECT_EQ(played_text(done, "I can offer", 0ms, 900ms), "Hello Ravi. Listen.");
    EXPECT_EQ(played_text(done, "I can offer", 5000ms, 900ms), "Hello Ravi. Listen. I can offer");
    EXPECT_EQ(played_text({}, "I can", -5ms, 900ms), "");
    EXPECT_EQ(played_text({}, "I can", 5ms, 0ms), "");
}

TEST(TextUnits, CountsCharacters) {
    EXPECT_EQ(count_characters("abc"), 3U);
    EXPECT_EQ(count_characters("हाँ"), 3U);
    EXPECT_EQ(count_characters("\xff\xf0\x9f"), 3U);
    EXPECT_EQ(count_characters(""), 0U);
}

// 80-17
TEST(Voicemail, PhrasesInAnyCase) {
    for (auto const* text :
         {"Please LEAVE a message", "leave your message", "after the tone", "After The Beep",
          "voice mail", "voicemail", "this mailbox is full", "record your message", "apna sandesh"})
        EXPECT_TRUE(sounds_like_voicemail(text)) << text;
    for (auto const* text :
         {"", "I will leave this very long way to a message", "the mail", "after the meeting"})
        EXPECT_FALSE(sounds_like_voicemail(text)) << text;
}

TEST(Voicemail, BeepIsASteadyToneOfAQuarterSecond) {
    EXPECT_TRUE(is_answering_beep(850, 250ms));
    EXPECT_TRUE(is_answering_beep(1500, 900ms));
    EXPECT_FALSE(is_answering_beep(849, 900ms));
    EXPECT_FALSE(is_answering_beep(1501, 900ms));
    EXPECT_FALSE(is_answering_beep(1000, 249ms));
}

TEST(History, CutLineKeepsWhatWasHeard) {
    conversation_history history;
    history.user("hello");
    history.assistant("I can offer you three options.", {}, 7);
    history.set_spoken(7, "I can offer");
    EXPECT_EQ(history.items().back().content, "I can offer");
    history.set_spoken(7, "");
    EXPECT_EQ(history.items().size(), 1U);
    history.assistant("Wait.", {{"c1", "get", "{}"}}, 8);
    history.set_spoken(8, "");
    EXPECT_EQ(history.items().size(), 2U);
    history.set_spoken(0, "x");
    history.set_spoken(99, "x");
    EXPECT_EQ(history.items().size(), 2U);
}

TEST(History, WindowDropsTheOldestExchangesWhole) {
    conversation_history history;
    history.assistant("Opening.", {}, 1);
    for (int i = 0; i < 20; ++i) {
        history.user("question " + std::to_string(i));
        history.assistant("", {{"c", "get", "{}"}}, 0);
        history.tool("c", "get", "{}");
        history.assistant("answer", {}, 0);
    }
    auto const window = history.window();
    EXPECT_EQ(window.size(), conversation_history::most_items);
    EXPECT_EQ(window.front().role, speaker::user);
    EXPECT_EQ(window.front().content, "question 5");
    EXPECT_EQ(window.back().content, "answer");
}

TEST(History, WindowBoundsCharactersButKeepsTheRunningExchange) {
    conversation_history history;
    for (int i = 0; i < 5; ++i) {
        history.user(std::string(7000, 'a' + static_cast<char>(i)));
        history.assistant("ok", {}, 0);
    }
    EXPECT_EQ(history.window().size(), 6U);
    conversation_history one;
    one.user(std::string(30000, 'x'));
    EXPECT_EQ(one.window().size(), 1U);
    EXPECT_TRUE(conversation_history().window().empty());
}

TEST(History, LastUserItemCanBeTakenBack) {
    conversation_history history;
    history.drop_last_user();
    history.user("a");
    history.assistant("b", {}, 0);
    history.drop_last_user();
    ASSERT_EQ(history.items().size(), 1U);
    EXPECT_EQ(history.items()[0].role, speaker::assistant);
    history.note("close soon");
    EXPECT_EQ(history.items().back().role, speaker::system);
}

// 80-24: invalid arguments.
TEST(ToolArguments, FaultsNameTheMember) {
    auto const schema = wire::parse_json(R"({"type":"object","required":["policy"],"properties":{
        "policy":{"type":"string","minLength":2,"maxLength":5},
        "amount":{"type":"number","minimum":1,"maximum":100},
        "count":{"type":"integer"},
        "plan":{"enum":["gold","silver",3]},
        "tags":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},
        "deep":{"type":"object","required":["x"],
                "properties":{"x":{"type":["boolean","null"]}}}}})")
                            .value()
                            .as_object();
    auto const fault = [&](std::string_view arguments) {
        return argument_fault(schema, wire::parse_json(arguments).value()).value_or("");
    };
    EXPECT_EQ(fault(R"({"policy":"P-77"})"), "");
    EXPECT_EQ(fault(R"({"policy":"P-77","other":1})"), "");
    EXPECT_EQ(fault("[]"), ": expected object");
    EXPECT_EQ(fault("{}"), "/policy: is required");
    EXPECT_EQ(fault(R"({"policy":7})"), "/policy: expected string");
    EXPECT_EQ(fault(R"({"policy":"P"})"), "/policy: length is under 2");
    EXPECT_EQ(fault(R"({"policy":"हाँहाँ"})"), "/policy: length is over 5");
    EXPECT_EQ(fault(R"({"policy":"P-77","amount":0})"), "/amount: value is under 1");
    EXPECT_EQ(fault(R"({"policy":"P-77","amount":101})"), "/amount: value is over 100");
    EXPECT_EQ(fault(R"({"policy":"P-77","count":1.5})"), "/count: expected integer");
    EXPECT_EQ(fault(R"({"policy":"P-77","count":2.0})"), "");
    EXPECT_EQ(fault(R"({"policy":"P-77","plan":"iron"})"), "/plan: is none of the allowed values");
    EXPECT_EQ(fault(R"({"policy":"P-77","plan":3})"), "");
    EXPECT_EQ(fault(R"({"policy":"P-77","tags":[]})"), "/tags: number of items is under 1");
    EXPECT_EQ(fault(R"({"policy":"P-77","tags":["a","b","c"]})"),
              "/tags: number of items is over 2");
    EXPECT_EQ(fault(R"({"policy":"P-77","tags":["a",1]})"), "/tags/1: expected string");
    EXPECT_EQ(fault(R"({"policy":"P-77","deep":{}})"), "/deep/x: is required");
    EXPECT_EQ(fault(R"({"policy":"P-77","deep":{"x":1}})"),
              "/deep/x: has none of the allowed types");
    EXPECT_EQ(fault(R"({"policy":"P-77","deep":{"x":null}})"), "");
}

TEST(ToolArguments, EmptySchemaTakesAnyObject) {
    EXPECT_FALSE(argument_fault({}, wire::parse_json(R"({"a":1})").value()));
}

}  // namespace
