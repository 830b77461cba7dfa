#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/core/sim_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;
using cxb_test::data_text;
using cxb_test::events_of;
using cxb_test::json_object;
using cxb_test::simulation;
using cxb_test::texts_of;
using texts = std::vector<std::string>;

constexpr std::string_view one_question = R"({"steps":[{"wait":"bot_done"},
    {"say":"what about the premium"},{"wait":"bot_done"},{"wait":1},{"hangup":true}]})";

// A bot with one HTTP tool that the model uses when it hears "premium".
simulation asking(std::string_view rule_tool = R"({"name":"get","arguments":{"policy":"P-77"}})") {
    simulation out;
    out.script = std::string(one_question);
    auto get = cxb_test::tool("get");
    get.http = true;
    get.parameters = json_object(
        R"({"type":"object","required":["policy"],"properties":{"policy":{"type":"string"}}})");
    out.bot.tools.push_back(get);
    out.bot.script =
        json_object(R"({"rules":[{"when":{"match":"premium"},"tool":)" + std::string(rule_tool) +
                    R"(},{"when":{"tool_result":true},"say":"It is {{result}}."}],
                                 "default":"Hm."})");
    return out;
}

cxb_test::reply replying(std::function<tool_replied(ask_tool const&)> make) {
    return [make = std::move(make)](
               conversation_output const& action) -> std::optional<conversation_input> {
        if (auto const* ask = std::get_if<ask_tool>(&action)) return make(*ask);
        return std::nullopt;
    };
}

cxb_test::reply always(int status, std::string body) {
    return replying([=](ask_tool const& ask) {
        return tool_replied{ask.key, status, wire::parse_json(body).value(), ""};
    });
}

template <class T>
std::size_t count_asked(simulation const& sim) {
    std::size_t out = 0;
    for (auto const& action : sim.asked)
        out += std::holds_alternative<T>(action) ? 1U : 0U;
    return out;
}

// 80-24: a good answer reaches the model and the events.
TEST(Tools, GoodAnswerIsSpokenAndRecorded) {
    auto sim = asking();
    sim.answer = always(200, "4200");
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "assistant").back(), "It is 4200.");
    EXPECT_EQ(data_text(events_of(record, "tool_call").at(0)),
              R"({"call_id":"c1","arguments":{"policy":"P-77"}})");
    auto const result = events_of(record, "custom_tool_result").at(0);
    EXPECT_EQ(result.name, "get");
    EXPECT_EQ(result.status, "ok");
    EXPECT_EQ(data_text(result), R"({"call_id":"c1","http_status":200,"result":4200})");
    ASSERT_EQ(record.latency.size(), 1U);
    EXPECT_EQ(record.latency[0].tool_ms, 0);
    EXPECT_EQ(count_asked<ask_tool>(sim), 1U);
}

// 80-24: failures give the model the stated object.
TEST(Tools, FailuresAreToldToTheModel) {
    for (auto const* word : {"timeout", "network", "blocked", "too_large"}) {
        auto sim = asking();
        sim.answer =
            replying([&](ask_tool const& ask) { return tool_replied{ask.key, 0, {}, word}; });
        auto const record = sim.run();
        EXPECT_EQ(texts_of(record, "assistant").back(),
                  R"(It is {"error":")" + std::string(word) + R"("}.)");
        EXPECT_EQ(events_of(record, "custom_tool_result").at(0).status, "error");
    }
    auto sim = asking();
    sim.answer =
        replying([](ask_tool const& ask) { return tool_replied{ask.key, 404, {}, "status"}; });
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "assistant").back(), R"(It is {"error":"status","status":404}.)");
    EXPECT_EQ(data_text(events_of(record, "custom_tool_result").at(0)),
              R"({"call_id":"c1","http_status":404,"error":"status"})");
}

// 80-24: nothing is requested for bad arguments or an unknown name.
TEST(Tools, BadCallsMakeNoRequest) {
    for (auto const& [call, error] :
         {std::pair{R"({"name":"get","arguments":{"policy":7}})", "invalid_arguments"},
          {R"({"name":"get","arguments":{}})", "invalid_arguments"},
          {R"({"name":"martian"})", "unknown_tool"}}) {
        auto sim = asking(call);
        auto const record = sim.run();
        EXPECT_EQ(count_asked<ask_tool>(sim), 0U);
        EXPECT_NE(texts_of(record, "assistant").back().find(error), std::string::npos);
        EXPECT_EQ(events_of(record, "tool_call").size(), 1U);
        auto const results = events_of(record, "custom_tool_result");
        ASSERT_EQ(results.size(), 1U);
        EXPECT_NE(data_text(results[0]).find(error), std::string::npos);
    }
}

// 80-24
TEST(Tools, SensitiveToolsHideTheirValues) {
    auto sim = asking();
    sim.bot.tools.back().sensitive = true;
    sim.answer = always(200, R"({"secret":"abc"})");
    auto const record = sim.run();
    EXPECT_EQ(data_text(events_of(record, "tool_call").at(0)),
              R"({"call_id":"c1","arguments":"***"})");
    EXPECT_EQ(data_text(events_of(record, "custom_tool_result").at(0)),
              R"({"call_id":"c1","http_status":200,"result":"***"})");
    EXPECT_NE(texts_of(record, "assistant").back().find("abc"), std::string::npos);
}

TEST(Tools, LongResultsAreCutInTheEvent) {
    auto sim = asking();
    sim.answer = always(200, "\"" + std::string(20000, 'x') + "\"");
    auto const record = sim.run();
    auto const text = data_text(events_of(record, "custom_tool_result").at(0));
    EXPECT_LT(text.size(), 16384U);
    EXPECT_NE(text.find(R"("truncated":true)"), std::string::npos);
}

// 80-24: the pre-message only when the call takes over 300 ms.
TEST(Tools, PreMessageIsSpokenForSlowCallsOnly) {
    for (auto const took : {200ms, 400ms}) {
        auto sim = asking();
        sim.bot.tools.back().pre_message = "One moment please.";
        sim_call call(sim.bot, parse_sim_script(sim.script).value(), 1, sim.now);
        auto now = sim.now;
        std::optional<std::pair<time_point, request_key>> open;
        for (int i = 0; i < 1000 && !call.over(); ++i) {
            conversation_input input = time_passed{};
            if (open && open->first <= now)
                input = tool_replied{std::exchange(open, {})->second, 200, 7, ""};
            for (auto const& action : call.step(now, input))
                if (auto const* ask = std::get_if<ask_tool>(&action)) open = {now + took, ask->key};
            auto next = call.next_timer();
            if (open && (!next || open->first < *next)) next = open->first;
            if (next) now = std::max(now, *next);
        }
        auto const said = texts_of(call.talk().record(), "assistant");
        bool const spoken = std::find(said.begin(), said.end(), "One moment please.") != said.end();
        EXPECT_EQ(spoken, took > 300ms);
        EXPECT_EQ(said.back(), "It is 7.");
        EXPECT_EQ(call.talk().record().latency.at(0).tool_ms, static_cast<double>(took.count()));
    }
}

// 80-25: a model that calls tools for ever is stopped after four rounds and speaks.
TEST(Tools, EndlessToolRoundsAreStopped) {
    auto sim = asking();
    sim.bot.script = json_object(
        R"({"rules":[{"when":{"always":true},"say":"Let me see.",
            "tool":{"name":"get","arguments":{"policy":"P"}}}]})");
    sim.answer = always(200, "1");
    auto const record = sim.run();
    EXPECT_EQ(count_asked<ask_tool>(sim), 4U);
    auto const results = events_of(record, "custom_tool_result");
    ASSERT_EQ(results.size(), 5U);
    EXPECT_NE(data_text(results[4]).find("too_many_tool_calls"), std::string::npos);
    EXPECT_EQ(texts_of(record, "assistant").back(), "Let me see.");
    EXPECT_EQ(record.disconnected_by, "customer");
}

TEST(Tools, FifthCallOfARoundIsRefused) {
    auto const call = std::string(R"({"name":"get","arguments":{"policy":"P"}})");
    auto sim = asking("[" + call + "," + call + "," + call + "," + call + "," + call + "]");
    sim.answer = always(200, "1");
    auto const record = sim.run();
    EXPECT_EQ(count_asked<ask_tool>(sim), 4U);
    EXPECT_EQ(events_of(record, "tool_call").size(), 5U);
    EXPECT_EQ(events_of(record, "custom_tool_result").size(), 5U);
}

TEST(Tools, BuiltinsComeAfterAllOthersAndTextIsSpokenFirst) {
    auto sim = asking(R"([{"name":"end_call"},{"name":"get","arguments":{"policy":"P"}}])");
    (*sim.bot.script)["rules"].as_array()[0].as_object()["say"] = "I will look and hang up.";
    sim.answer = always(200, "1");
    auto const record = sim.run();
    auto const calls = events_of(record, "tool_call");
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].name, "get");
    EXPECT_EQ(calls[1].name, "end_call");
    EXPECT_EQ(record.disconnected_by, "bot");
    EXPECT_EQ(texts_of(record, "assistant").back(), "I will look and hang up.");
    EXPECT_FALSE(record.transcript.back().interrupted);
}

TEST(Tools, CallAfterEndCallIsNotCarriedOut) {
    auto sim = asking(R"([{"name":"end_call"},{"name":"transfer_call"}])");
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "bot");
    auto const results = events_of(record, "custom_tool_result");
    ASSERT_EQ(results.size(), 2U);
    EXPECT_NE(data_text(results[1]).find("call_ended"), std::string::npos);
}

TEST(Tools, BuiltinThatIsNotListedIsUnknown) {
    auto sim = asking(R"({"name":"end_call"})");
    sim.bot.tools.clear();
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "customer");
    EXPECT_NE(data_text(events_of(record, "custom_tool_result").at(0)).find("unknown_tool"),
              std::string::npos);
}

TEST(Tools, DetectedVoicemailSpeaksItsMessage) {
    auto sim = asking(R"({"name":"detected_voicemail"})");
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "voicemail");
    EXPECT_EQ(texts_of(record, "assistant").back(), "Please call us back.");
    EXPECT_EQ(events_of(record, "voicemail_detected").size(), 1U);
}

// A tool that is still running when the caller interrupts is noted, its answer is not spoken.
TEST(Tools, InterruptedToolIsKeptAsEventOnly) {
    auto sim = asking();
    sim.bot.tools.back().pre_message = "One moment please, I am looking for it just now.";
    sim.script = R"({"steps":[{"wait":"bot_done"},{"say":"what about the premium"},
        {"say":"wrong number sorry","interrupt_after_ms":300},{"wait":"bot_done"},{"wait":1},
        {"hangup":true}]})";
    sim_call call(sim.bot, parse_sim_script(sim.script).value(), 1, sim.now);
    auto now = sim.now;
    std::optional<request_key> open;
    bool cut = false;
    for (int i = 0; i < 1000 && !call.over(); ++i) {
        conversation_input input = time_passed{};
        cut = cut || !events_of(call.talk().record(), "interruption").empty();
        if (open && cut) input = tool_replied{*std::exchange(open, {}), 200, 7, ""};
        for (auto const& action : call.step(now, input))
            if (auto const* ask = std::get_if<ask_tool>(&action)) open = ask->key;
        if (auto const next = call.next_timer()) now = std::max(now, *next);
    }
    auto const& record = call.talk().record();
    EXPECT_TRUE(cut);
    EXPECT_EQ(events_of(record, "custom_tool_result").at(0).status, "ok");
    for (auto const& said : texts_of(record, "assistant"))
        EXPECT_EQ(said.find("It is"), std::string::npos);
}

TEST(Tools, OpenToolAtTheEndGetsItsPair) {
    auto sim = asking();
    sim.script = R"({"steps":[{"wait":"bot_done"},{"say":"what about the premium"},{"wait":4},
        {"hangup":true}]})";
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "customer");
    EXPECT_NE(data_text(events_of(record, "custom_tool_result").at(0)).find("call_ended"),
              std::string::npos);
}

// --- knowledge --------------------------------------------------------------------------------

simulation searching() {
    auto sim = asking(R"({"name":"search_knowledge","arguments":{"query":"premium"}})");
    sim.bot.tools.push_back(cxb_test::tool("search_knowledge"));
    return sim;
}

TEST(Knowledge, HitsGoToTheModelAndTheEvent) {
    auto sim = searching();
    sim.answer = [](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_knowledge>(&action);
        if (ask == nullptr) return std::nullopt;
        EXPECT_EQ(ask->query, "premium");
        return knowledge_replied{ask->key, true, {{{"text", "It is due"}}}, 0.8, {"k1"}, ""};
    };
    auto const record = sim.run();
    EXPECT_EQ(data_text(events_of(record, "knowledge_search").at(0)),
              R"({"query":"premium","hits":1,"top_score":0.8,"chunk_ids":["k1"]})");
    EXPECT_EQ(events_of(record, "custom_tool_result").at(0).status, "ok");
    EXPECT_TRUE(record.latency.at(0).rag_ms);
}

TEST(Knowledge, StrictFallbackIsSpokenWithoutTheModel) {
    auto sim = searching();
    sim.answer = [](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_knowledge>(&action);
        if (ask == nullptr) return std::nullopt;
        return knowledge_replied{ask->key, true, {}, 0, {}, "I do not know that."};
    };
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "assistant").back(), "I do not know that.");
    std::size_t asked = 0;
    for (auto const& used : record.usage)
        asked += used.kind == "llm" ? 1U : 0U;
    EXPECT_EQ(asked, 1U);
}

TEST(Knowledge, FailureIsAServiceError) {
    auto sim = searching();
    sim.answer = [](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_knowledge>(&action);
        if (ask == nullptr) return std::nullopt;
        return knowledge_replied{ask->key, false, {}, 0, {}, ""};
    };
    auto const record = sim.run();
    EXPECT_EQ(events_of(record, "service_error").at(0).name, "knowledge");
    EXPECT_NE(texts_of(record, "assistant").back().find("knowledge_unavailable"),
              std::string::npos);
}

}  // namespace
