// A conversation over a line with real audio, as a machine on a clock of its own.

#include "server/core/media/media_call.hpp"

#include <gmock/gmock.h>

#include "tests/server/core/sim_fixture.hpp"

namespace {

using namespace cxb::core;
using namespace std::chrono_literals;
using cxb::time_point;
using ::testing::ElementsAre;

std::string loud(std::chrono::milliseconds length) {
    std::string out;
    for (int i = 0; i < length.count() * 8; ++i)
        out += i / 10 % 2 == 0 ? std::string("\x00\x30", 2) : std::string("\x00\xd0", 2);
    return out;
}
std::string quiet(std::chrono::milliseconds length) {
    return std::string(static_cast<std::size_t>(length.count()) * 16, '\0');
}

class MediaCall : public ::testing::Test {
  protected:
    MediaCall() {
        bot.opening_message = "Namaste, am I audible?";
        bot.transport = "websocket";
        bot.recording = false;
    }
    void begin() { call.emplace(bot, vad_settings{}, 1, now); }
    void give(conversation_input const& input) {
        for (auto& one : call->step(now, input))
            done.push_back(std::move(one));
    }
    // Lets so much time pass while the line brings that audio in frames.
    void hear(std::string const& pcm) {
        for (std::size_t at = 0; at < pcm.size(); at += 320) {
            pass(20ms);
            give(caller_audio{pcm.substr(at, 320)});
        }
    }
    void pass(std::chrono::milliseconds by) {
        auto const end = now + by;
        for (auto at = call->next_timer(); at && *at <= end; at = call->next_timer()) {
            now = std::max(now, *at);
            give(time_passed{});
        }
        now = end;
    }
    template <class T>
    [[nodiscard]] std::size_t count() const {
        std::size_t many = 0;
        for (auto const& one : done)
            many += std::holds_alternative<T>(one) ? 1 : 0;
        return many;
    }
    [[nodiscard]] std::vector<std::string> said_by(std::string const& role) const {
        std::vector<std::string> out;
        for (auto const& line : call->talk().record().transcript)
            if (line.role == role) out.push_back(line.content);
        return out;
    }

    conversation_config bot;
    time_point now = cxb_test::call_start;
    std::optional<media_call> call;
    std::vector<conversation_output> done;
};

TEST_F(MediaCall, SpeaksWhenItIsAnsweredAndAnswersSpeech) {
    begin();
    pass(5s);
    EXPECT_EQ(count<play_sentence>(), 0U) << "it rings";
    EXPECT_EQ(call->talk().waiting_for(), "answer");
    give(call_answered{});
    pass(5s);
    EXPECT_EQ(count<play_sentence>(), 1U);
    hear(loud(1400ms));
    hear(quiet(3s));
    EXPECT_THAT(said_by("user"), ElementsAre("[speech 1.4 s]"));
    EXPECT_GE(count<play_sentence>(), 2U) << "an answer";
    give(caller_left{"closed 1000"});
    EXPECT_TRUE(call->over());
    auto const record = call->take_record();
    EXPECT_EQ(record.disconnected_by, "customer");
    EXPECT_TRUE(record.has_customer_message);
    EXPECT_FALSE(call->next_timer());
}

TEST_F(MediaCall, AudioThatStopsComingIsSilence) {
    begin();
    give(call_answered{});
    pass(5s);
    hear(loud(600ms));
    pass(4s);
    EXPECT_THAT(said_by("user"), ElementsAre("[speech 0.6 s]"));
}

TEST_F(MediaCall, PiecesOfAnySizeAreHeard) {
    begin();
    give(call_answered{});
    pass(5s);
    auto const pcm = loud(1s) + quiet(2s);
    for (std::size_t at = 0; at < pcm.size(); at += 100) {
        give(caller_audio{pcm.substr(at, 100)});
        if (at % 3200 < 100) pass(200ms);
    }
    EXPECT_THAT(said_by("user"), ElementsAre("[speech 1.0 s]"));
}

// 80-12: the far side is told once.
TEST_F(MediaCall, SpeechOverTheBotCutsIt) {
    bot.opening_message = "This is a long opening that goes on for quite a while, dear caller.";
    bot.opening_interruptible = true;
    begin();
    give(call_answered{});
    pass(1s);
    ASSERT_EQ(count<play_sentence>(), 1U);
    hear(loud(800ms));
    EXPECT_EQ(count<stop_playing>(), 1U);
    hear(quiet(100ms));
    EXPECT_EQ(count<stop_playing>(), 1U);
    auto const& events = call->talk().record().events;
    EXPECT_TRUE(
        std::ranges::any_of(events, [](auto const& e) { return e.type == "interruption"; }));
}

TEST_F(MediaCall, AClickDoesNotCutIt) {
    bot.opening_message = "This is a long opening that goes on for quite a while, dear caller.";
    bot.opening_interruptible = true;
    begin();
    give(call_answered{});
    pass(1s);
    hear(loud(40ms) + quiet(500ms));
    EXPECT_EQ(count<stop_playing>(), 0U);
}

TEST_F(MediaCall, ABrokenLineEndsAsError) {
    begin();
    give(call_answered{});
    give(line_broke{"protocol", "closed 1003"});
    EXPECT_TRUE(call->over());
    auto const record = call->take_record();
    EXPECT_EQ(record.disconnected_by, "error");
    auto const event = std::ranges::find_if(
        record.events, [](auto const& e) { return e.type == "service_error"; });
    ASSERT_NE(event, record.events.end());
    EXPECT_EQ(event->name, "transport");
}

TEST(Tone, IsAWholeNumberOfSamplesAndNotSilent) {
    auto const pcm = tone_of(60ms);
    EXPECT_EQ(pcm.size(), 960U);
    EXPECT_GT(energy_vad::loudness(pcm), -30);
    EXPECT_TRUE(tone_of(0ms).empty());
}

}  // namespace
