// `WS /ws/{bot_id}` (spec 10 §9.1) as a machine, without a socket.

#include "tests/unit/worker/media_kit.hpp"

namespace {

using namespace cxb_test;
using namespace std::chrono_literals;
using cxb::wire::text_at;
using ::testing::ElementsAre;

std::string const frame_of_20_ms(320, 'a');

class DiallerProtocol : public ::testing::Test {
  protected:
    void go_live() {
        line.say(connected_text);
        line.say(start_text);
        line.say(answer_text);
        ASSERT_NE(line.find<worker::media_answered>(), nullptr);
        line.seen.clear();
    }
    media_driver line{media_driver::kind::websocket};
};

TEST_F(DiallerProtocol, TellsWhoIsOnTheLine) {
    line.say(connected_text);
    EXPECT_EQ(line.find<worker::media_started>(), nullptr);
    line.say(start_text);
    auto const* started = line.find<worker::media_started>();
    ASSERT_NE(started, nullptr);
    auto const& who = started->party;
    EXPECT_EQ(who.stream_id, "st-1") << "start's replaces that of connected";
    EXPECT_EQ(who.caller_id, "+919876543210");
    EXPECT_EQ(who.did, "+9111");
    EXPECT_EQ(who.direction, cxb::contract::call_results::call_direction::outbound);
    EXPECT_EQ(text_at(who.variables, "CUSTOMER"), "Ravi");
    EXPECT_EQ(text_at(who.variables, "callerId"), "+919876543210");
    EXPECT_FALSE(who.variables.contains("event"));
    // Flags are trusted only from us: a stranger could write into another call.
    EXPECT_FALSE(who.variables.contains("_campaign_session_id"));
    EXPECT_EQ(line.find<worker::media_answered>(), nullptr);
    line.say(answer_text);
    EXPECT_NE(line.find<worker::media_answered>(), nullptr);
}

TEST_F(DiallerProtocol, UsesTheStreamIdOfConnectedWhenStartHasNone) {
    line.say(connected_text);
    line.say(R"({"event":"start","mediaFormat":{}})");
    ASSERT_NE(line.find<worker::media_started>(), nullptr);
    EXPECT_EQ(line.find<worker::media_started>()->party.stream_id, "st-0");
}

// 10-29
TEST_F(DiallerProtocol, ClosesAtAnythingOutOfOrder) {
    struct script {
        char const* name;
        std::vector<std::string> texts;
    };
    for (auto const& [name, texts] :
         {script{"answer before start", {connected_text, answer_text}},
          script{"answer first", {answer_text}}, script{"start first", {start_text}},
          script{"media first", {dialler_audio(frame_of_20_ms)}},
          script{"media before start", {connected_text, dialler_audio(frame_of_20_ms)}},
          script{"connected twice", {connected_text, connected_text}},
          script{"start twice", {connected_text, start_text, start_text}},
          script{"answer twice", {connected_text, start_text, answer_text, answer_text}},
          script{"connected late", {connected_text, start_text, answer_text, connected_text}},
          script{"other rate",
                 {connected_text,
                  R"({"event":"start","mediaFormat":{"encoding":"LINEAR","sampleRate":16000,)"
                  R"("channels":1}})"}}}) {
        media_driver one(media_driver::kind::websocket);
        for (auto const& text : texts)
            one.say(text);
        EXPECT_EQ(one.close_code(), worker::close_code::protocol_error) << name;
        EXPECT_TRUE(one.left().starts_with("error: ")) << name << one.left();
        EXPECT_TRUE(one.machine->over()) << name;
        EXPECT_FALSE(one.machine->next_timer()) << name;
    }
}

TEST_F(DiallerProtocol, GivesEachMessageOfTheHandshakeItsTime) {
    line.pass(9999ms);
    EXPECT_FALSE(line.machine->over());
    line.say(connected_text);
    line.pass(9999ms);
    EXPECT_FALSE(line.machine->over());
    line.say(start_text);
    line.pass(59999ms);
    EXPECT_FALSE(line.machine->over());
    line.pass(1ms);
    EXPECT_EQ(line.close_code(), worker::close_code::protocol_error);
    EXPECT_EQ(line.left(), "no_answer: no answer");
    for (int sent = 0; sent < 2; ++sent) {
        media_driver slow(media_driver::kind::websocket);
        if (sent == 1) slow.say(connected_text);
        slow.pass(10s);
        EXPECT_EQ(slow.close_code(), worker::close_code::protocol_error);
        EXPECT_EQ(slow.left(), "error: handshake too slow");
    }
    media_driver answered(media_driver::kind::websocket);
    answered.say(connected_text);
    answered.say(start_text);
    answered.say(answer_text);
    answered.pass(1h);
    EXPECT_FALSE(answered.machine->over());
}

TEST_F(DiallerProtocol, HearsAudioOnceAnswered) {
    line.say(connected_text);
    line.say(start_text);
    line.say(dialler_audio(frame_of_20_ms));
    EXPECT_EQ(line.find<worker::media_audio>(), nullptr);
    EXPECT_FALSE(line.machine->over());
    line.say(answer_text);
    line.say(dialler_audio(frame_of_20_ms));
    ASSERT_NE(line.find<worker::media_audio>(), nullptr);
    EXPECT_EQ(line.find<worker::media_audio>()->pcm, frame_of_20_ms);
}

TEST_F(DiallerProtocol, CountsAndSkipsWhatItDoesNotUnderstand) {
    go_live();
    for (char const* const text :
         {R"({"event":"weather","sun":true})", R"({"event":"media","payload":"!!"})",
          R"({"event":"media","payload":"YQ=="})", R"({"event":"media"})", "[1]", "{",
          R"({"a":1})"})
        line.say(text);
    EXPECT_EQ(line.machine->skipped(), 7U);
    EXPECT_TRUE(line.seen.empty());
    line.say(dialler_audio(frame_of_20_ms));
    EXPECT_NE(line.find<worker::media_audio>(), nullptr);
}

TEST_F(DiallerProtocol, CutsSpeechIntoNumberedFramesOf20Ms) {
    line.machine->speak_in(*cxb::domain::find_time_zone("Asia/Kolkata"));
    go_live();
    line.take(line.machine->play(line.now, std::string(320 * 3 + 100, 'x')));
    line.pass(1s);
    auto const frames = line.sent();
    ASSERT_EQ(frames.size(), 4U);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].at("chunk").as_int64(), static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(cxb::from_base64(text_at(frames[i], "payload"))->size(), 320U);
    }
    EXPECT_EQ(*cxb::from_base64(text_at(frames[3], "payload")),
              std::string(100, 'x') + std::string(220, '\0'));
    auto const& first = frames.front();
    EXPECT_EQ(text_at(first, "event"), "reverse-media");
    EXPECT_EQ(text_at(first, "did"), "+9111");
    EXPECT_EQ(text_at(first, "streamId"), "st-1");
    EXPECT_EQ(text_at(first, "callerId"), "+919876543210");
    EXPECT_EQ(text_at(first, "callDirection"), "outgoing");
    EXPECT_EQ(text_at(first, "encoding"), "LINEAR");
    EXPECT_EQ(text_at(first, "source"), "ai");
    EXPECT_EQ(text_at(first, "timestamp"), "2026-01-02 08:34:05") << "wall clock of the bot's zone";
    EXPECT_EQ(first.at("chunk_durn_ms").as_int64(), 20);
    EXPECT_EQ(first.at("RevMediaQ").as_int64(), 0);
    line.take(line.machine->play(line.now, frame_of_20_ms));
    EXPECT_EQ(line.sent().front().at("chunk").as_int64(), 5) << "numbers go on";
}

// 80 §3: at most 200 ms ahead on /ws, and never late.
TEST_F(DiallerProtocol, SendsAtTheSpeedOfSpeech) {
    go_live();
    auto const began = line.now.steady;
    line.take(line.machine->play(line.now, std::string(320 * 100, 'x')));  // 2 s
    std::size_t sent = line.sent().size();
    while (sent < 100) {
        line.pass(1ms);
        sent += line.sent().size();
        auto const ahead = sent * 20ms - (line.now.steady - began);
        ASSERT_LE(ahead, 200ms);
        ASSERT_GE(ahead, 20ms) << "the far side would run dry";
    }
    line.pass(1s);
    EXPECT_TRUE(line.sent().empty());
    EXPECT_FALSE(line.machine->next_timer());
}

TEST_F(DiallerProtocol, DropsWhatWouldWaitForLongerThan30s) {
    go_live();
    line.take(line.machine->play(line.now, std::string(std::size_t{16000} * 40, 'x')));
    line.pass(1min);
    EXPECT_EQ(line.sent().size(), 1500U);
}

TEST_F(DiallerProtocol, ClearsOnceAndOnlyWhatThereIs) {
    go_live();
    line.take(line.machine->clear(line.now));
    EXPECT_TRUE(line.seen.empty()) << "nothing was said";
    line.take(line.machine->play(line.now, std::string(320 * 50, 'x')));
    line.seen.clear();
    line.pass(300ms);
    line.seen.clear();
    line.take(line.machine->clear(line.now));
    line.take(line.machine->clear(line.now));
    auto const stops = line.sent();
    ASSERT_EQ(stops.size(), 1U);
    EXPECT_EQ(text_at(stops[0], "event"), "reverse-media-stop");
    EXPECT_EQ(text_at(stops[0], "callerId"), "+919876543210");
    EXPECT_EQ(text_at(stops[0], "streamId"), "st-1");
    line.pass(10s);
    EXPECT_TRUE(line.sent().empty());
    line.take(line.machine->play(line.now, frame_of_20_ms));
    EXPECT_THAT(line.sent_events(), ElementsAre("reverse-media"));
}

TEST_F(DiallerProtocol, BotEndIsStopHangupClose) {
    go_live();
    line.take(line.machine->play(line.now, std::string(320 * 50, 'x')));
    line.seen.clear();
    line.take(line.machine->hang_up(line.now));
    EXPECT_EQ(line.close_code(), worker::close_code::normal);
    EXPECT_EQ(line.left(), "") << "the call knows";
    auto const frames = line.sent();
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(text_at(frames[0], "event"), "reverse-media-stop");
    EXPECT_EQ(text_at(frames[1], "event"), "reverse-hangup-call");
    EXPECT_EQ(text_at(frames[1], "message"), "Call ended by bot");
    EXPECT_EQ(text_at(frames[1], "source"), "ai");
    line.take(line.machine->hang_up(line.now));
    line.say(R"({"event":"hangup-call"})");
    line.take(line.machine->play(line.now, frame_of_20_ms));
    line.take(line.machine->ended(line.now, {}));
    EXPECT_TRUE(line.seen.empty());
}

TEST_F(DiallerProtocol, TheCustomerLeavesByWordOrByClosing) {
    go_live();
    line.say(R"({"event":"hangup-call","disconnectedBy":"caller"})");
    EXPECT_EQ(line.left(), "customer: caller");
    EXPECT_EQ(line.close_code(), worker::close_code::normal);
    struct end {
        worker::socket_end how;
        char const* word;
    };
    for (auto const& [how, word] :
         {end{{1000, "", true}, "customer: closed 1000"},
          end{{1001, "", true}, "customer: closed 1001"}, end{{}, "customer: closed 1006"},
          end{{1003, "", false}, "error: closed 1003"}, end{{1003, "", true}, "error: closed 1003"},
          end{{1001, "", false}, "error: closed 1001"},
          end{{1009, "", false}, "error: closed 1009"},
          end{{1002, "", false}, "error: closed 1002"}}) {
        media_driver one(media_driver::kind::websocket);
        for (char const* const text : {connected_text, start_text, answer_text})
            one.say(text);
        one.take(one.machine->ended(one.now, how));
        EXPECT_EQ(one.left(), word);
        EXPECT_EQ(one.close_code(), 0) << "it is closed";
    }
    media_driver early(media_driver::kind::websocket);
    early.say(R"({"event":"hangup-call"})");
    EXPECT_EQ(early.left(), "customer: ");
}

TEST_F(DiallerProtocol, ATransferSucceedsWhenThePeerCloses) {
    go_live();
    line.take(line.machine->transfer(line.now, "4711"));
    auto const frames = line.sent();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(text_at(frames[0], "event"), "reverse-call-transfer");
    EXPECT_EQ(text_at(frames[0], "transferTo"), "4711");
    EXPECT_EQ(text_at(frames[0], "message"), "Call transferred by bot");
    line.take(line.machine->transfer(line.now, "4712"));
    EXPECT_TRUE(line.seen.empty()) << "one at a time";
    line.pass(9999ms);
    line.take(line.machine->ended(line.now, {1000, "", true}));
    ASSERT_NE(line.find<worker::media_transferred>(), nullptr);
    EXPECT_EQ(line.find<worker::media_transferred>()->failed_reason, "");
    EXPECT_EQ(line.left(), "");
    EXPECT_TRUE(line.machine->over());
}

TEST_F(DiallerProtocol, ATransferGivesUpAfterTenSeconds) {
    go_live();
    line.take(line.machine->transfer(line.now, "4711"));
    line.pass(10s);
    ASSERT_NE(line.find<worker::media_transferred>(), nullptr);
    EXPECT_EQ(line.find<worker::media_transferred>()->failed_reason, "timeout");
    EXPECT_FALSE(line.machine->over()) << "the bot goes on";
    line.seen.clear();
    line.take(line.machine->play(line.now, frame_of_20_ms));
    EXPECT_EQ(line.sent().size(), 1U);
    line.take(line.machine->ended(line.now, {1000, "", true}));
    EXPECT_EQ(line.left(), "customer: closed 1000");
}

TEST_F(DiallerProtocol, ARefusalIsOnlyAClose) {
    line.take(line.machine->refuse(line.now, worker::close_code::policy, "At capacity"));
    ASSERT_EQ(line.seen.size(), 1U);
    EXPECT_EQ(line.find<worker::media_close>()->code, 1008);
    EXPECT_EQ(line.find<worker::media_close>()->reason, "At capacity");
    line.say(connected_text);
    line.pass(1h);
    EXPECT_EQ(line.seen.size(), 1U);
}

}  // namespace
