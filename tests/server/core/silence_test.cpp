#include "server/core/conversation/silence.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;

constexpr time_point answer{1'000'000ms};

silence_settings eight_seconds_twice() {
    silence_settings out;
    out.re_engage = true;
    return out;
}

line_activity bot_speaks() {
    return {.bot_speaking = true};
}
line_activity bot_works() {
    return {.bot_working = true};
}
line_activity nobody() {
    return {};
}

struct Silence : ::testing::Test {
    silence_machine machine{eight_seconds_twice(), answer};

    silence_decision at(milliseconds t, line_activity const& activity) {
        return machine.step(answer + t, activity);
    }
    // The time of the next decision when nothing more happens.
    std::pair<milliseconds, silence_decision> quiet_until_decision() {
        for (int i = 0; i < 10; ++i) {
            auto const next = machine.next_timer();
            if (!next) break;
            auto const decision = machine.step(*next, nobody());
            if (decision.verdict != silence_verdict::none) return {*next - answer, decision};
        }
        return {0ms, {}};
    }
};

// 80-15: timeout 8, attempts 2, opening ends at 3 s, each message 1.5 s: 11, 20.5, end at 30.
TEST_F(Silence, ExampleOfTheSpec) {
    (void)at(0ms, bot_speaks());
    (void)at(3000ms, nobody());
    auto [first_at, first] = quiet_until_decision();
    EXPECT_EQ(first_at, 11000ms);
    EXPECT_EQ(first.verdict, silence_verdict::re_engage);
    EXPECT_EQ(first.attempt, 1);
    (void)at(11000ms, bot_speaks());
    (void)at(12500ms, nobody());
    auto [second_at, second] = quiet_until_decision();
    EXPECT_EQ(second_at, 20500ms);
    EXPECT_EQ(second.attempt, 2);
    (void)at(20500ms, bot_speaks());
    (void)at(22000ms, nobody());
    auto [end_at, end] = quiet_until_decision();
    EXPECT_EQ(end_at, 30000ms);
    EXPECT_EQ(end.verdict, silence_verdict::give_up);
    EXPECT_FALSE(machine.next_timer());
}

// 80-15: any turn of the caller resets the count.
TEST_F(Silence, UserTurnResetsTheAttempts) {
    (void)at(0ms, nobody());
    EXPECT_EQ(quiet_until_decision().second.attempt, 1);
    machine.user_turn();
    EXPECT_EQ(quiet_until_decision().second.attempt, 1);
    EXPECT_EQ(quiet_until_decision().second.attempt, 2);
}

TEST_F(Silence, QuietStandsStillWhileTheBotWorks) {
    (void)at(0ms, nobody());
    (void)at(5000ms, bot_works());
    EXPECT_EQ(machine.quiet(answer + 20000ms), 5000ms);
    (void)at(25000ms, nobody());
    EXPECT_EQ(quiet_until_decision().first, 28000ms);
}

// 80-15: a tool of 25 s triggers nothing; a model that hangs for 60 s is dead air.
TEST_F(Silence, LongToolIsNoSilenceButAHungModelIsDeadAir) {
    (void)at(0ms, bot_speaks());
    (void)at(2000ms, bot_works());
    EXPECT_EQ(at(27000ms, bot_works()).verdict, silence_verdict::none);
    EXPECT_EQ(*machine.next_timer(), answer + 62000ms);
    EXPECT_EQ(at(61999ms, bot_works()).verdict, silence_verdict::none);
    EXPECT_EQ(at(62000ms, bot_works()).verdict, silence_verdict::dead_air);
    EXPECT_EQ(at(63000ms, bot_works()).verdict, silence_verdict::none);
}

TEST_F(Silence, WithoutReEngagementOnlyDeadAirEnds) {
    machine = silence_machine(silence_settings{}, answer);
    (void)at(0ms, nobody());
    auto const [when, decision] = quiet_until_decision();
    EXPECT_EQ(when, 60000ms);
    EXPECT_EQ(decision.verdict, silence_verdict::dead_air);
}

TEST_F(Silence, SpeakingCallerIsNeverSilent) {
    (void)at(0ms, {.caller_speaking = true});
    EXPECT_FALSE(machine.next_timer());
    EXPECT_EQ(at(300000ms, {.caller_speaking = true}).verdict, silence_verdict::none);
}

// The stop is reported late; quiet counts from the last voice all the same.
TEST_F(Silence, QuietCountsFromTheLastVoice) {
    (void)at(0ms, {.caller_speaking = true});
    (void)at(4800ms, {.caller_last_voice = answer + 4000ms});
    EXPECT_EQ(quiet_until_decision().first, 12000ms);
}

TEST_F(Silence, QuietCountsFromTheLaterOfBotAndCaller) {
    (void)at(0ms, {.caller_speaking = true, .bot_speaking = true});
    (void)at(5000ms, {.caller_speaking = true});
    (void)at(5300ms, {.caller_last_voice = answer + 4500ms});
    EXPECT_EQ(quiet_until_decision().first, 13000ms);
}

TEST_F(Silence, NoAttemptsGivesUpAtOnce) {
    auto settings = eight_seconds_twice();
    settings.max_attempts = 0;
    machine = silence_machine(settings, answer);
    (void)at(0ms, nobody());
    EXPECT_EQ(quiet_until_decision().second.verdict, silence_verdict::give_up);
}

}  // namespace
