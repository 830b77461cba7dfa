#include "server/core/sim/sim_call.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/server/core/sim_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;
using cxb_test::check;
using cxb_test::data_text;
using cxb_test::events_of;
using cxb_test::json_object;
using cxb_test::simulation;
using cxb_test::texts_of;
using cxb_test::with_script;
using texts = std::vector<std::string>;

// 80-39: each built-in script ends with its expected word.
TEST(BuiltinScripts, EndWithTheirWord) {
    for (auto const& script : builtin_scripts()) {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            auto sim = with_script(std::string(script.name));
            sim.seed = seed;
            auto const record = sim.run();
            EXPECT_EQ(record.disconnected_by, script.expected) << script.name << " " << seed;
            EXPECT_LT(sim.steps, 500);
            check(record);
        }
    }
}

// A poor bot (no tools, no detection, nothing configured) still comes to an end on every script.
TEST(BuiltinScripts, EndForAPoorBotToo) {
    for (auto const& script : builtin_scripts()) {
        auto sim = with_script(std::string(script.name));
        sim.bot = {};
        sim.bot.max_duration = 120s;
        auto const record = sim.run();
        check(record);
        EXPECT_NE(record.disconnected_by, "error") << script.name;
        EXPECT_LT(record.duration_seconds, 140) << script.name;
    }
}

// 80-39: the same seed gives the same bytes; another seed other times.
TEST(SimCall, SameSeedSameBytes) {
    for (auto const& script : builtin_scripts()) {
        auto first = with_script(std::string(script.name));
        auto second = with_script(std::string(script.name));
        EXPECT_EQ(to_text(first.run()), to_text(second.run())) << script.name;
    }
    auto first = with_script("polite");
    auto second = with_script("polite");
    second.seed = 2;
    EXPECT_NE(to_text(first.run()), to_text(second.run()));
}

TEST(SimCall, SeedDependsOnSettingAndSession) {
    EXPECT_EQ(call_seed(1, "a"), call_seed(1, "a"));
    EXPECT_NE(call_seed(1, "a"), call_seed(2, "a"));
    EXPECT_NE(call_seed(1, "a"), call_seed(1, "b"));
}

// 80-8: transcript in order, all latency members, usage of every part.
TEST(SimCall, PoliteHasEverything) {
    auto const record = with_script("polite").run();
    EXPECT_EQ(record.disconnected_by, "bot");
    EXPECT_TRUE(record.has_customer_message);
    EXPECT_EQ(record.answered_at, cxb_test::call_start + 1500ms);
    EXPECT_EQ(texts_of(record, "user"),
              (texts{"Yes, this is me speaking.", "That is fine, thank you.", "Goodbye."}));
    EXPECT_EQ(texts_of(record, "assistant").front(), "Namaste Ravi ji, am I audible?");
    ASSERT_EQ(record.latency.size(), 3U);
    for (auto const& sample : record.latency) {
        EXPECT_EQ(sample.silence_ms, 800);
        ASSERT_TRUE(sample.stt_ms && sample.llm_ms && sample.tts_ms && sample.total_ms);
        EXPECT_GE(*sample.stt_ms, 100);
        EXPECT_LE(*sample.stt_ms, 250);
        EXPECT_GE(*sample.llm_ms, 250);
        EXPECT_GE(*sample.tts_ms, 80);
        EXPECT_GE(*sample.total_ms, *sample.stt_ms + *sample.llm_ms + *sample.tts_ms);
        EXPECT_GT(sample.prompt_tokens, 0);
        EXPECT_GT(sample.completion_tokens, 0);
        EXPECT_GT(sample.tts_characters, 0);
        EXPECT_FALSE(sample.interrupted);
    }
    std::vector<std::string> kinds;
    for (auto const& used : record.usage)
        kinds.push_back(used.kind);
    EXPECT_EQ(kinds, (texts{"llm", "llm", "llm", "stt", "tts"}));
    EXPECT_TRUE(record.recorded);
    EXPECT_EQ(data_text(events_of(record, "recording_started").at(0)),
              R"({"key":"2026/01/02/s.wav"})");
}

TEST(SimCall, SpeechTakesItsTime) {
    auto const record = with_script("polite").run();
    auto const& opening = record.transcript.at(0);
    EXPECT_NEAR(opening.end_seconds - opening.start_seconds, 30 * 0.060, 0.001);
    auto const& reply = record.transcript.at(1);
    EXPECT_NEAR(reply.end_seconds - reply.start_seconds, 5 * 60.0 / 160, 0.001);
}

TEST(SimCall, UnansweredCallHasNoDuration) {
    auto const busy = with_script("busy").run();
    EXPECT_EQ(busy.disconnected_by, "rejected");
    EXPECT_EQ(busy.duration_seconds, 0);
    EXPECT_FALSE(busy.answered_at);
    EXPECT_FALSE(busy.recorded);
    EXPECT_TRUE(busy.transcript.empty());
    EXPECT_TRUE(busy.usage.empty());
    EXPECT_FALSE(busy.events.front().at_seconds);
    for (auto const& [status, word] : {std::pair{480, "no_answer"},
                                       {408, "no_answer"},
                                       {486, "rejected"},
                                       {603, "rejected"},
                                       {503, "error"}}) {
        auto const record =
            with_script(R"({"answer":{"sip_status":)" + std::to_string(status) + "}}").run();
        EXPECT_EQ(record.disconnected_by, word) << status;
    }
}

TEST(SimCall, RingsFortyFiveSecondsAtMost) {
    auto const record = with_script(R"({"answer":{"after_ms":60000}})").run();
    EXPECT_EQ(record.disconnected_by, "no_answer");
    EXPECT_EQ(record.ended_at - record.started_at, 45s);
}

// A party that is already on the line has answered, whatever its script says.
TEST(SimCall, InboundIsAnsweredAtOnce) {
    auto sim = with_script("busy");
    sim.bot.outbound = false;
    auto const record = sim.run();
    EXPECT_EQ(record.answered_at, record.started_at);
    EXPECT_EQ(record.disconnected_by, "RNR");
}

// 80-15 in a whole call: two messages, then the end message, RNR.
TEST(SimCall, SilentPartyIsAskedTwice) {
    auto const record = with_script("silent").run();
    EXPECT_EQ(texts_of(record, "assistant"),
              (texts{"Namaste Ravi ji, am I audible?", "Hello, are you there?",
                     "Hello, are you there?", "Goodbye then."}));
    auto const asked = events_of(record, "re_engagement");
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(data_text(asked[1]), R"({"attempt":2})");
    EXPECT_NEAR(*asked[0].at_seconds, record.transcript[0].end_seconds + 8, 0.001);
    EXPECT_FALSE(record.has_customer_message);
}

TEST(SimCall, ModelWordsTheReEngagementWhenThereAreNoMessages) {
    auto sim = with_script("silent");
    sim.bot.re_engagement.messages.clear();
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "assistant").at(1), "Hello, are you still there?");
    EXPECT_TRUE(record.latency.empty());
}

TEST(SimCall, DeadAirEndsABotWithoutReEngagement) {
    auto sim = with_script("silent");
    sim.bot.re_engagement.enabled = false;
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "RNR");
    EXPECT_EQ(events_of(record, "dead_air").size(), 1U);
    EXPECT_NEAR(record.duration_seconds, record.transcript.at(0).end_seconds + 60, 0.001);
}

// 80-12: "wrong number" cuts an opening that is not interruptible; other words do not.
TEST(SimCall, OnlyHighIntentCutsTheOpening) {
    auto sim = with_script("wrong_number");
    sim.bot.opening_message = "Namaste Ravi ji, I am calling about your policy, am I audible now?";
    auto const cut = sim.run();
    auto const events = events_of(cut, "interruption");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_TRUE(cut.transcript.at(0).interrupted);
    EXPECT_LT(cut.transcript.at(0).content.size(), sim.bot.opening_message.size());
    EXPECT_EQ(cut.transcript.at(0).content,
              sim.bot.opening_message.substr(0, cut.transcript.at(0).content.size()));
    EXPECT_EQ(cut.disconnected_by, "bot");

    auto kept = with_script(
        R"({"steps":[{"say":"hello hello hello hello","interrupt_after_ms":300},{"wait":"bot_done"},
        {"hangup":true}]})");
    kept.bot.opening_message = sim.bot.opening_message;
    auto const whole = kept.run();
    EXPECT_TRUE(events_of(whole, "interruption").empty());
    EXPECT_EQ(whole.transcript.at(0).content, sim.bot.opening_message);
    EXPECT_FALSE(whole.transcript.at(0).interrupted);
    // The words are answered once the opening is over.
    EXPECT_EQ(texts_of(whole, "user"), texts{"hello hello hello hello"});
}

TEST(SimCall, InterruptibleOpeningIsCutByWords) {
    auto sim = with_script(
        R"({"steps":[{"say":"no I have no time","interrupt_after_ms":300},{"wait":"bot_done"},
        {"hangup":true}]})");
    sim.bot.opening_interruptible = true;
    auto const record = sim.run();
    EXPECT_EQ(events_of(record, "interruption").size(), 1U);
}

// 80-12: the cut is noted where it happened, with the words that caused it.
TEST(SimCall, InterruptionKeepsOnlyWhatWasPlayed) {
    auto const record = with_script("interrupts").run();
    auto const events = events_of(record, "interruption");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(data_text(events[0]), R"({"text":"no wait I"})");
    std::size_t cut = 0;
    for (auto const& line : record.transcript)
        cut += line.interrupted ? 1U : 0U;
    EXPECT_EQ(cut, 1U);
    EXPECT_TRUE(record.latency.at(0).interrupted);
    EXPECT_FALSE(record.latency.at(1).interrupted);
}

// 80-13: a back-channel during speech is nothing; the same word after a question is a turn.
TEST(SimCall, BackchannelDuringSpeechIsNothing) {
    auto const during = with_script("backchannel").run();
    EXPECT_TRUE(events_of(during, "interruption").empty());
    for (auto const& text : texts_of(during, "user"))
        EXPECT_NE(text, "haan");
    auto const after = with_script(
                           R"({"steps":[{"wait":"bot_done"},{"wait":1},{"say":"haan"},
                           {"wait":"bot_done"},{"hangup":true}]})")
                           .run();
    EXPECT_EQ(texts_of(after, "user"), texts{"haan"});
    EXPECT_EQ(after.latency.size(), 1U);
}

// 80-14: going on before the first audio gives one merged turn and one answer.
TEST(SimCall, SpeakingOnBeforeTheAnswerMerges) {
    auto sim = with_script(
        R"({"steps":[{"wait":"bot_done"},{"wait":1},{"say":"I will pay"},{"wait":1.2},
        {"say":"next Friday morning"},{"wait":"bot_done"},{"wait":1},{"hangup":true}]})");
    sim.bot.timing.model_least = sim.bot.timing.model_most = 900ms;
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "user"), texts{"I will pay next Friday morning"});
    EXPECT_EQ(texts_of(record, "assistant").size(), 2U);
    EXPECT_EQ(record.latency.size(), 1U);
    EXPECT_NE(texts_of(record, "assistant").at(1).find("next Friday"), std::string::npos);
}

TEST(SimCall, NoiseBeforeTheAnswerOnlyDelaysIt) {
    auto sim = with_script(
        R"({"steps":[{"wait":"bot_done"},{"wait":1},{"say":"I will pay"},{"wait":1.2},
        {"noise_dbfs":-10},{"wait":"bot_done"},{"wait":1},{"hangup":true}]})");
    sim.bot.timing.model_least = sim.bot.timing.model_most = 900ms;
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "user"), texts{"I will pay"});
    EXPECT_EQ(texts_of(record, "assistant").size(), 2U);
}

// 80-10 in a call: soft noise is nothing, loud noise without words is no turn.
TEST(SimCall, NoiseIsNoTurn) {
    auto const record = with_script(
                            R"({"steps":[{"wait":"bot_done"},{"noise_dbfs":-50},{"wait":2},
                            {"noise_dbfs":-10},{"wait":4},{"hangup":true}]})")
                            .run();
    EXPECT_TRUE(texts_of(record, "user").empty());
    EXPECT_EQ(record.disconnected_by, "customer");
}

TEST(SimCall, KeypadIsATurnAndEvents) {
    auto const record = with_script("dtmf").run();
    EXPECT_EQ(texts_of(record, "user").at(0), "[keypad] 12#");
    EXPECT_EQ(events_of(record, "dtmf").size(), 3U);
    EXPECT_EQ(data_text(events_of(record, "dtmf")[0]), R"({"digit":"1"})");
}

TEST(SimCall, EmptyOpeningWaitsForTheCaller) {
    auto sim = with_script("polite");
    sim.bot.opening_message.clear();
    auto const record = sim.run();
    EXPECT_TRUE(events_of(record, "opening_message").empty());
    EXPECT_EQ(record.transcript.at(0).role, "user");
    EXPECT_EQ(record.disconnected_by, "bot");
}

TEST(SimCall, AnnouncementComesBeforeTheRecording) {
    auto sim = with_script("polite");
    sim.bot.recording_announcement = "This call is recorded.";
    auto const record = sim.run();
    EXPECT_EQ(texts_of(record, "assistant").at(0), "This call is recorded.");
    EXPECT_EQ(record.recorded_from.count(),
              std::llround(record.transcript.at(0).end_seconds * 1000));
    EXPECT_GT(record.transcript.at(1).start_seconds, record.transcript.at(0).end_seconds);
    auto silent = with_script("polite");
    silent.bot.recording = false;
    EXPECT_TRUE(events_of(silent.run(), "recording_started").empty());
}

TEST(SimCall, UnmetExpectationIsAnEvent) {
    auto const record = with_script(
                            R"({"steps":[{"wait":"bot_done"},{"expect":"namaste"},
                            {"expect":"martian"},{"hangup":true}]})")
                            .run();
    auto const errors = events_of(record, "service_error");
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].name, "worker");
    EXPECT_NE(data_text(errors[0]).find("sim_expectation"), std::string::npos);
    EXPECT_NE(data_text(errors[0]).find("martian"), std::string::npos);
}

TEST(SimCall, BotSaysWaitsOnlySoLong) {
    auto const record = with_script(
                            R"({"steps":[{"wait":{"bot_says":"martian","within":3}},
                            {"hangup":true}]})")
                            .run();
    EXPECT_NEAR(record.duration_seconds, 3, 0.001);
}

TEST(SimCall, ComputedSpeechIsNotAvailableAndSaysSo) {
    auto const record = with_script(R"({"audio":true,"steps":[{"wait":1},{"hangup":true}]})").run();
    EXPECT_EQ(events_of(record, "config_warning").size(), 1U);
}

TEST(SimCall, OperatorEndIsAnError) {
    sim_call call(cxb_test::full_bot(), find_sim_script("silent", {}).value(), 1,
                  cxb_test::call_start);
    (void)call.step(cxb_test::call_start, time_passed{});
    (void)call.step(cxb_test::call_start + 5s, call_stopped{"drain_deadline", "worker stops"});
    EXPECT_TRUE(call.over());
    auto const record = std::move(call).take_record();
    EXPECT_EQ(record.disconnected_by, "error");
    EXPECT_NE(data_text(events_of(record, "service_error").at(0)).find("drain_deadline"),
              std::string::npos);
}

// 80-34
TEST(SimCall, WaitingForNamesTheReason) {
    simulation sim;
    sim.bot.tools.push_back(cxb_test::tool("get_premium"));
    sim.bot.tools.back().http = true;
    sim.bot.script = json_object(
        R"({"rules":[{"when":{"match":"premium"},"tool":{"name":"get_premium"}}],
            "default":"Hm."})");
    sim_call call(
        sim.bot,
        parse_sim_script(R"({"steps":[{"wait":"bot_done"},{"say":"the premium"}]})").value(), 1,
        cxb_test::call_start);
    std::vector<std::string> seen;
    auto now = cxb_test::call_start;
    for (int i = 0; i < 40 && seen.size() < 20; ++i) {
        (void)call.step(now, time_passed{});
        if (seen.empty() || seen.back() != call.talk().waiting_for())
            seen.push_back(call.talk().waiting_for());
        if (seen.back() == "tool:get_premium") break;
        now = std::max(now, *call.next_timer());
    }
    EXPECT_EQ(seen, (texts{"answer", "opening", "tts", "playback", "user", "stt_final", "llm",
                           "tool:get_premium"}));
}

}  // namespace
