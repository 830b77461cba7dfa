#include "server/core/conversation/turn.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;

constexpr time_point t0{1'000'000ms};

struct Turn : ::testing::Test {
    turn_machine machine{turn_settings{}};
    std::vector<turn_action> last;

    std::vector<turn_action> give(milliseconds at, turn_event const& event) {
        return last = machine.step(t0 + at, event);
    }
    // Steps to the next timer and gives when that was.
    milliseconds wait() {
        auto const next = machine.next_timer();
        EXPECT_TRUE(next);
        if (!next) return {};
        last = machine.step(*next, turn_tick{});
        return *next - t0;
    }
    [[nodiscard]] std::string ended() const {
        if (last.size() != 1 || !std::holds_alternative<turn_ended>(last[0])) return "(none)";
        return std::get<turn_ended>(last[0]).text;
    }
    [[nodiscard]] bool noise() const {
        return last.size() == 1 && std::holds_alternative<turn_noise>(last[0]);
    }
};

TEST_F(Turn, EndsWhenSilentAndFinal) {
    (void)give(0ms, turn_voice_started{});
    (void)give(500ms, turn_interim{"yes"});
    (void)give(1800ms, turn_voice_stopped{t0 + 1000ms});
    EXPECT_TRUE(give(1900ms, turn_final{"Yes please."}).size() == 1);
    EXPECT_EQ(ended(), "Yes please.");
    auto const& turn = std::get<turn_ended>(last[0]);
    EXPECT_EQ(turn.started_at, t0);
    EXPECT_EQ(turn.last_voice, t0 + 1000ms);
    EXPECT_EQ(turn.stopped_at, t0 + 1800ms);
    EXPECT_EQ(turn.text_at, t0 + 1900ms);
    EXPECT_FALSE(machine.next_timer());
}

TEST_F(Turn, FinalDuringSpeechWaitsForTheSilence) {
    (void)give(0ms, turn_voice_started{});
    EXPECT_TRUE(give(900ms, turn_final{"Yes."}).empty());
    EXPECT_TRUE(give(1500ms, turn_voice_stopped{t0 + 1000ms}).empty());
    EXPECT_EQ(wait(), 1800ms);
    EXPECT_EQ(ended(), "Yes.");
}

TEST_F(Turn, LongerOfStopAndEndSilenceCounts) {
    turn_settings settings;
    settings.stop = 200ms;
    settings.end_silence = 1200ms;
    machine = turn_machine(settings);
    (void)give(0ms, turn_voice_started{});
    (void)give(400ms, turn_final{"Yes."});
    (void)give(700ms, turn_voice_stopped{t0 + 500ms});
    EXPECT_EQ(wait(), 1700ms);
}

// 80-11: a final that comes a second late is waited for.
TEST_F(Turn, LateFinalIsWaitedFor) {
    (void)give(0ms, turn_voice_started{});
    (void)give(500ms, turn_interim{"I will"});
    (void)give(1800ms, turn_voice_stopped{t0 + 1000ms});
    EXPECT_TRUE(give(2000ms, turn_tick{}).empty());
    (void)give(2800ms, turn_final{"I will pay."});
    EXPECT_EQ(ended(), "I will pay.");
}

// 80-11: it never comes: the interim text after max_wait.
TEST_F(Turn, MissingFinalTakesTheInterim) {
    (void)give(0ms, turn_voice_started{});
    (void)give(500ms, turn_interim{"I will pay"});
    (void)give(1800ms, turn_voice_stopped{t0 + 1000ms});
    EXPECT_EQ(wait(), 4000ms);
    EXPECT_EQ(ended(), "I will pay");
}

TEST_F(Turn, InterimAfterAFinalIsAddedWhenItsFinalNeverComes) {
    (void)give(0ms, turn_voice_started{});
    (void)give(500ms, turn_final{"I will pay"});
    (void)give(900ms, turn_interim{"tomorrow"});
    (void)give(1800ms, turn_voice_stopped{t0 + 1000ms});
    EXPECT_EQ(wait(), 4000ms);
    EXPECT_EQ(ended(), "I will pay tomorrow");
}

// 80-11: no text at all is no turn.
TEST_F(Turn, VoiceWithoutWordsIsNoise) {
    (void)give(0ms, turn_voice_started{});
    (void)give(1300ms, turn_voice_stopped{t0 + 500ms});
    EXPECT_EQ(wait(), 3500ms);
    EXPECT_TRUE(noise());
    EXPECT_FALSE(machine.open());
}

TEST_F(Turn, SpeechThatGoesOnIsOneTurn) {
    (void)give(0ms, turn_voice_started{});
    (void)give(900ms, turn_final{"I think"});
    (void)give(1800ms, turn_voice_stopped{t0 + 1000ms});
    EXPECT_EQ(ended(), "I think");
    (void)give(3000ms, turn_voice_started{});
    (void)give(3500ms, turn_final{"I can"});
    EXPECT_EQ(machine.heard(), "I can");
}

TEST_F(Turn, OpenEndWaitsLongerOnce) {
    for (auto const* text : {"I would pay but", "haan lekin", "Yes, AND"}) {
        turn_machine fresh{turn_settings{}};
        (void)fresh.step(t0, turn_voice_started{});
        (void)fresh.step(t0 + 900ms, turn_final{text});
        EXPECT_TRUE(fresh.step(t0 + 1800ms, turn_voice_stopped{t0 + 1000ms}).empty()) << text;
        EXPECT_EQ(*fresh.next_timer(), t0 + 2400ms);
        EXPECT_EQ(fresh.step(t0 + 2400ms, turn_tick{}).size(), 1U);
    }
}

TEST_F(Turn, WordsWithoutVoiceOpenATurn) {
    (void)give(0ms, turn_interim{"hello"});
    EXPECT_TRUE(machine.open());
    (void)give(100ms, turn_final{"hello"});
    EXPECT_EQ(wait(), 800ms);
    EXPECT_EQ(ended(), "hello");
}

TEST_F(Turn, KeypadGathersToHashOrForTwoSeconds) {
    (void)give(0ms, turn_keypad{'1'});
    (void)give(1500ms, turn_keypad{'2'});
    (void)give(3000ms, turn_keypad{'#'});
    EXPECT_EQ(ended(), "[keypad] 12#");
    EXPECT_TRUE(std::get<turn_ended>(last[0]).keypad);
    (void)give(4000ms, turn_keypad{'5'});
    EXPECT_EQ(wait(), 6000ms);
    EXPECT_EQ(ended(), "[keypad] 5");
}

TEST_F(Turn, ProviderDecidesAlone) {
    turn_settings settings;
    settings.strategy = turn_strategy::provider;
    machine = turn_machine(settings);
    (void)give(0ms, turn_voice_started{});
    (void)give(900ms, turn_final{"Yes."});
    (void)give(1800ms, turn_voice_stopped{t0 + 1000ms});
    EXPECT_FALSE(machine.next_timer());
    (void)give(2500ms, turn_provider_end{""});
    EXPECT_EQ(ended(), "Yes.");
    (void)give(3000ms, turn_provider_end{"No."});
    EXPECT_EQ(ended(), "No.");
}

TEST_F(Turn, EagerEndIsDroppedByResumedSpeech) {
    turn_settings settings;
    settings.strategy = turn_strategy::provider;
    machine = turn_machine(settings);
    (void)give(0ms, turn_voice_started{});
    auto const eager = give(900ms, turn_eager_end{"Yes"});
    ASSERT_EQ(eager.size(), 1U);
    EXPECT_EQ(std::get<turn_eager>(eager[0]).text, "Yes");
    EXPECT_TRUE(std::holds_alternative<turn_eager_dropped>(give(1000ms, turn_resumed{}).at(0)));
    EXPECT_TRUE(give(1100ms, turn_resumed{}).empty());
    (void)give(1200ms, turn_eager_end{"Yes but"});
    EXPECT_TRUE(
        std::holds_alternative<turn_eager_dropped>(give(1300ms, turn_voice_started{}).at(0)));
}

}  // namespace
