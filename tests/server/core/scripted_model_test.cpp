#include "server/core/sim/scripted_model.hpp"

#include <gtest/gtest.h>

#include "server/core/sim/scripted_post_call.hpp"
#include "tests/server/core/sim_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using cxb_test::json_object;

scripted_model script(std::string_view text) {
    return scripted_model::parse(json_object(text)).value();
}

scripted_ask said(std::string text, int turn = 2) {
    scripted_ask out;
    out.turn = turn;
    out.user = std::move(text);
    out.tools = {"end_call", "transfer_call"};
    return out;
}

scripted_ask tool_came_back(std::string name, std::string json) {
    scripted_ask out;
    out.cause = ask_cause::tool_result;
    out.tool = std::move(name);
    out.result_json = std::move(json);
    return out;
}

std::vector<fault> faults_of(std::string_view text) {
    auto const parsed = scripted_model::parse(json_object(text));
    return parsed ? std::vector<fault>{} : parsed.error().faults();
}

TEST(ScriptedModel, FirstMatchingRuleWins) {
    auto model = script(R"({"rules":[{"when":{"match":"premium|due"},"say":"A"},
        {"when":{"turn":3},"say":"B"},{"when":{"match":"DUE","turn":4},"say":"C"},
        {"when":{"always":true},"say":"D"}],"default":"E"})");
    EXPECT_EQ(model.answer(said("what is DUE", 4)).say, "A");
    EXPECT_EQ(model.answer(said("hello", 3)).say, "B");
    EXPECT_EQ(model.answer(said("hello", 5)).say, "D");
}

TEST(ScriptedModel, CausesLookAtTheirOwnRules) {
    auto model = script(R"({"rules":[{"when":{"match":"."},"say":"heard"},
        {"when":{"tool_result":"b"},"say":"from b"},{"when":{"tool_result":true},"say":"from any"},
        {"when":{"silence":true},"say":"still there?"}]})");
    EXPECT_EQ(model.answer(tool_came_back("a", "{}")).say, "from any");
    EXPECT_EQ(model.answer(tool_came_back("b", "{}")).say, "from b");
    scripted_ask silence;
    silence.cause = ask_cause::silence;
    EXPECT_EQ(model.answer(silence).say, "still there?");
    EXPECT_EQ(model.answer(said("x")).say, "heard");
}

TEST(ScriptedModel, OnceIsUsedUpAndDefaultRemains) {
    auto model = script(R"({"rules":[{"when":{"always":true},"say":"A","once":true}],
        "default":{"say":"{{user}}!","delay_ms":70}})");
    EXPECT_EQ(model.answer(said("x")).say, "A");
    auto const second = model.answer(said("x"));
    EXPECT_EQ(second.say, "x!");
    EXPECT_EQ(second.delay, milliseconds(70));
    EXPECT_TRUE(script("{}").answer(said("x")).say.empty());
}

TEST(ScriptedModel, PlaceholdersAreFilledOnce) {
    auto model = script(R"({"rules":[{"when":{"tool_result":true},"say":"It is {{result}}."}],
        "default":"You: {{user}} {{user}}"})");
    EXPECT_EQ(model.answer(said("{{user}}")).say, "You: {{user}} {{user}}");
    EXPECT_EQ(model.answer(tool_came_back("t", R"({"status":200,"body":4200})")).say,
              "It is 4200.");
    EXPECT_EQ(model.answer(tool_came_back("t", R"({"status":200,"body":"gold"})")).say,
              "It is gold.");
    EXPECT_EQ(model.answer(tool_came_back("t", R"({"error":"timeout"})")).say,
              R"(It is {"error":"timeout"}.)");
    EXPECT_EQ(model.answer(tool_came_back("t", "broken")).say, "It is broken.");
}

TEST(ScriptedModel, ToolsGetFreshIdsAndArguments) {
    auto model = script(R"({"rules":[{"when":{"turn":1},"tool":{"name":"a","arguments":{"x":1}}},
        {"when":{"turn":2},"tool":[{"name":"b"},{"name":"c"}]}]})");
    EXPECT_EQ(model.answer(said("", 1)).calls,
              (std::vector<model_tool_call>{{"c1", "a", R"({"x":1})"}}));
    EXPECT_EQ(model.answer(said("", 2)).calls,
              (std::vector<model_tool_call>{{"c2", "b", "{}"}, {"c3", "c", "{}"}}));
}

TEST(ScriptedModel, MustSpeakLeavesOutTools) {
    auto model = script(R"({"default":{"say":"hi","tool":{"name":"a"}}})");
    auto ask = said("x");
    ask.may_call = false;
    EXPECT_TRUE(model.answer(ask).calls.empty());
    EXPECT_EQ(model.answer(ask).say, "hi");
}

TEST(ScriptedModel, DefaultScriptUsesOnlyToolsTheBotHas) {
    scripted_model model;
    auto const bye = model.answer(said("okay goodbye"));
    ASSERT_EQ(bye.calls.size(), 1U);
    EXPECT_EQ(bye.calls[0].name, "end_call");
    auto poor = said("okay goodbye");
    poor.tools.clear();
    EXPECT_TRUE(model.answer(poor).calls.empty());
    EXPECT_EQ(model.answer(said("please leave a message")).say, "I see.");
    EXPECT_EQ(model.answer(said("hello there", 1)).say,
              "Hello, thank you for answering. I heard: hello there");
    EXPECT_EQ(model.answer(said("I am fine")).say, "You said: I am fine");
    EXPECT_EQ(model.answer(said("an agent please")).calls[0].name, "transfer_call");
}

TEST(ScriptedModel, FaultsHavePointers) {
    auto const faults = faults_of(R"({"rules":[7,{"say":"x"},{"when":{}},
        {"when":{"match":"("}},{"when":{"martian":1}},{"when":{"always":true},"say":7},
        {"when":{"always":true},"delay_ms":70000},{"when":{"always":true},"tool":{"x":1}},
        {"when":{"always":true},"tool":[{"name":"a"},3]}],"default":7,"analysis":[],"qc":"x"})");
    std::vector<std::string> pointers;
    for (auto const& item : faults)
        pointers.push_back(item.pointer);
    EXPECT_EQ(pointers, (std::vector<std::string>{
                            "/rules/0", "/rules/1/when", "/rules/2/when", "/rules/3/when/match",
                            "/rules/4/when/martian", "/rules/5/say", "/rules/6/delay_ms",
                            "/rules/7/tool", "/rules/8/tool/1", "/default", "/analysis", "/qc"}));
    EXPECT_EQ(faults_of(R"({"rules":{}})").size(), 1U);
}

TEST(ScriptedPostCall, DefaultAnswers) {
    scripted_model model;
    EXPECT_EQ(model.analysis({"hello", "I will pay"}, false),
              R"({"DISPOSITION":"SIMULATED","SUMMARY":"I will pay"})");
    EXPECT_EQ(model.analysis({}, false), R"({"DISPOSITION":"SIMULATED","SUMMARY":""})");
    EXPECT_EQ(model.qc(), R"({"overall_score":8})");
}

// 80-31: four callback members when asked for, none otherwise.
TEST(ScriptedPostCall, CallbackMembers) {
    scripted_model model;
    auto const yes = json_object(model.analysis({"Call me back tomorrow at five", "bye"}, true));
    EXPECT_TRUE(yes.at("callback_requested").as_bool());
    EXPECT_EQ(yes.at("callback_preferred_time_text").as_string(), "Call me back tomorrow at five");
    EXPECT_TRUE(yes.contains("callback_reason"));
    EXPECT_EQ(yes.at("callback_confidence").as_double(), 0.9);
    auto const no = json_object(model.analysis({"bye"}, true));
    EXPECT_FALSE(no.at("callback_requested").as_bool());
    EXPECT_FALSE(json_object(model.analysis({"call me later"}, false)).contains("callback_reason"));
}

TEST(ScriptedPostCall, ScriptedAnswersKeepTheirOwnMembers) {
    auto const model = script(R"({"analysis":{"DISPOSITION":"PTP","callback_reason":"mine"},
        "qc":{"overall_score":3}})");
    auto const answer = json_object(model.analysis({"call back later"}, true));
    EXPECT_EQ(answer.at("DISPOSITION").as_string(), "PTP");
    EXPECT_EQ(answer.at("callback_reason").as_string(), "mine");
    EXPECT_TRUE(answer.at("callback_requested").as_bool());
    EXPECT_EQ(model.qc(), R"({"overall_score":3})");
}

TEST(ScriptedPostCall, OnlyWhatIsAskedIsAnsweredAndCounted) {
    scripted_model const model;
    conversation_record record;
    record.transcript.push_back({"assistant", "Hello", {}, 0.4, 1, 0, false});
    record.transcript.push_back({"user", "Fine", {}, 61.2, 62, 1, false});
    EXPECT_EQ(transcript_text(record), "[00:00] Bot: Hello\n[01:01] Customer: Fine\n");
    auto const none = answer_post_call(model, record, {});
    EXPECT_FALSE(none.analysis);
    EXPECT_TRUE(none.usage.empty());
    post_call_questions all;
    all.analysis_prompt = "Analyse.";
    all.qc_prompt = "Score.";
    auto const both = answer_post_call(model, record, all);
    EXPECT_TRUE(both.analysis && both.qc);
    ASSERT_EQ(both.usage.size(), 2U);
    EXPECT_EQ(both.usage[0].kind, "post_call");
    EXPECT_EQ(both.usage[1].kind, "qc");
    EXPECT_GT(*both.usage[0].prompt_tokens, 0);
    post_call_questions callback;
    callback.callback = true;
    EXPECT_TRUE(answer_post_call(model, record, callback).analysis);
}

}  // namespace
