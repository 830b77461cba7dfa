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
using cxb_test::simulation;
using cxb_test::texts_of;
using cxb_test::with_script;
using texts = std::vector<std::string>;

// 80-16: max 10 s: the message is spoken, timeout, at most 25 s.
TEST(SimCallEnding, MaxDurationSpeaksAndEnds) {
    for (auto const* script : {"silent", "polite", "interrupts", "backchannel"}) {
        auto sim = with_script(script);
        sim.bot.max_duration = 10s;
        sim.bot.max_duration_message = "Our time is over, goodbye.";
        auto const record = sim.run();
        EXPECT_EQ(record.disconnected_by, "timeout") << script;
        EXPECT_LE(record.duration_seconds, 25);
        EXPECT_GE(record.duration_seconds, 10);
        EXPECT_EQ(texts_of(record, "assistant").back(), "Our time is over, goodbye.");
        EXPECT_EQ(events_of(record, "max_duration_reached").size(), 1U);
        check(record);
    }
}

TEST(SimCallEnding, StalledWorkerEndsTheCallAtTheHardLimit) {
    sim_call call(cxb_test::full_bot(), find_sim_script("silent", {}).value(), 1,
                  cxb_test::call_start);
    (void)call.step(cxb_test::call_start + 1500ms, time_passed{});
    (void)call.step(cxb_test::call_start + 1500ms + 660s, time_passed{});
    ASSERT_TRUE(call.over());
    EXPECT_EQ(call.talk().record().disconnected_by, "error");
}

TEST(SimCallEnding, ModelIsToldToCloseBeforeTheEnd) {
    simulation sim;
    sim.script = R"({"steps":[{"wait":25},{"say":"what now"},{"silence":60}]})";
    sim.bot.re_engagement.enabled = false;
    sim.bot.max_duration = 40s;
    sim.bot.model_outside = true;
    bool told = false;
    sim.answer = [&](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_model>(&action);
        if (ask == nullptr) return std::nullopt;
        for (auto const& item : ask->history)
            told = told || item.role == speaker::system;
        return model_replied{ask->key, "Well.", {}, 0, 0, ""};
    };
    EXPECT_EQ(sim.run().disconnected_by, "timeout");
    EXPECT_TRUE(told);
}

TEST(SimCallEnding, TurnsEndEvenWhenTheConfigWantsAnotherRecogniser) {
    auto sim = with_script("polite");
    sim.bot.turn.strategy = turn_strategy::provider;
    EXPECT_EQ(sim.run().disconnected_by, "bot");
}

TEST(SimCallEnding, LongSentenceIsCutThreeSecondsAfterMaxDuration) {
    auto sim = with_script("silent");
    sim.bot.opening_message = std::string(400, 'a') + " is a very long word indeed.";
    sim.bot.max_duration = 10s;
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "timeout");
    EXPECT_NEAR(record.duration_seconds, 13, 0.001);
    EXPECT_TRUE(record.transcript.empty() || record.transcript[0].interrupted);
}

// 80-17: voicemail: the message after the beep.
TEST(SimCallEnding, VoicemailGetsItsMessageAfterTheBeep) {
    auto const record = with_script("voicemail").run();
    EXPECT_EQ(record.disconnected_by, "voicemail");
    EXPECT_EQ(events_of(record, "voicemail_detected").size(), 1U);
    EXPECT_EQ(texts_of(record, "assistant").back(), "Please call us back.");
    auto const beep = std::find_if(record.sounds.begin(), record.sounds.end(), [](auto const& s) {
        return s.what == line_sound::kind::caller_words;
    });
    ASSERT_NE(beep, record.sounds.end());
    EXPECT_GE(record.transcript.back().start_seconds,
              static_cast<double>(beep->end->count()) / 1000 + 1);
    EXPECT_EQ(texts_of(record, "user").size(), 1U);
}

TEST(SimCallEnding, BeepAloneIsAMachineOnlyInItsWindow) {
    auto const beep = R"({"steps":[{"wait":"bot_done"},{"wait":1},{"beep":400},{"silence":20},
        {"hangup":true}]})";
    EXPECT_EQ(with_script(beep).run().disconnected_by, "voicemail");
    auto late = with_script(beep);
    late.bot.voicemail.window = 2000ms;
    EXPECT_NE(late.run().disconnected_by, "voicemail");
    auto off = with_script(beep);
    off.bot.voicemail.detection = false;
    EXPECT_NE(off.run().disconnected_by, "voicemail");
    auto brief = with_script(R"({"steps":[{"wait":"bot_done"},{"beep":200},{"wait":9},
        {"hangup":true}]})");
    EXPECT_EQ(brief.run().disconnected_by, "customer");
}

TEST(SimCallEnding, MachineWithoutMessageIsHungUpOn) {
    auto sim = with_script("voicemail");
    sim.bot.voicemail.message.clear();
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "voicemail");
    EXPECT_EQ(texts_of(record, "assistant").size(), 1U);
}

TEST(SimCallEnding, EndlessGreetingIsWaitedForTenSeconds) {
    std::string greeting = "please leave a message after this very long greeting which goes on";
    for (int i = 0; i < 20; ++i)
        greeting += " and on";
    auto const record =
        with_script(R"({"steps":[{"wait":3},{"say":")" + greeting + R"("},{"silence":60}]})").run();
    auto const found = events_of(record, "voicemail_detected").at(0);
    EXPECT_NEAR(record.transcript.back().start_seconds, *found.at_seconds + 10, 0.3);
}

// 80-28: the caller hangs up during the last line: the word stays the bot's.
TEST(SimCallEnding, HangUpDuringTheLastLineIsTheBots) {
    auto const record = with_script(
                            R"({"steps":[{"wait":"bot_done"},{"say":"goodbye"},
                            {"wait":{"bot_says":"time"}},{"hangup":true}]})")
                            .run();
    EXPECT_EQ(record.disconnected_by, "bot");
    auto const during = with_script(
                            R"({"steps":[{"wait":"bot_done"},{"say":"goodbye"},{"wait":2},
                            {"hangup":true}]})")
                            .run();
    EXPECT_EQ(during.disconnected_by, "bot");
    EXPECT_TRUE(during.transcript.back().interrupted);
}

TEST(SimCallEnding, LastWordsBeforeHangingUpAreKept) {
    auto const record =
        with_script(R"({"steps":[{"wait":"bot_done"},{"say":"leave me alone"},{"hangup":true}]})")
            .run();
    EXPECT_EQ(record.disconnected_by, "customer");
    EXPECT_EQ(texts_of(record, "user"), texts{"leave me alone"});
    EXPECT_TRUE(record.has_customer_message);
}

// Many odd calls: every one ends, in order and with closed books.
TEST(SimCallEnding, RandomPartiesNeverHangACall) {
    constexpr std::string_view steps[] = {
        R"({"wait":"bot_done"})",
        R"({"wait":0.4})",
        R"({"say":"haan ji"})",
        R"({"say":"wrong number you know","interrupt_after_ms":200})",
        R"({"say":"please tell me more and"})",
        R"({"dtmf":"1"})",
        R"({"dtmf":"42#"})",
        R"({"beep":100})",
        R"({"noise_dbfs":-5})",
        R"({"say":"I want an agent now"})",
        R"({"wait":{"bot_says":"you","within":2}})",
        R"({"silence":9})",
        R"({"say":"call me tomorrow","interrupt_after_ms":50})"};
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        seeded_random fate(seed);
        std::string script = R"({"transfer":{"fails":"no_answer"},"steps":[)";
        auto const count = 3 + fate.below(12);
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i > 0) script += ',';
            script += steps[fate.below(std::size(steps))];
        }
        auto sim = with_script(script + "]}");
        sim.seed = seed;
        sim.bot.max_duration = 90s;
        sim.bot.filler = "One moment.";
        sim.bot.opening_interruptible = fate.below(2) == 0;
        sim.bot.timing.model_most = milliseconds(500 + static_cast<long>(fate.below(4000)));
        auto const record = sim.run();
        check(record);
        EXPECT_LT(sim.steps, 3000) << script;
        EXPECT_LT(record.duration_seconds, 120) << script;
        if (HasFailure()) FAIL() << seed << " " << script << to_text(record);
    }
}

}  // namespace
