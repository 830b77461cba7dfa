// `WS /exotel/{bot_id}` (spec 10 §9.2) as a machine, without a socket.

#include "tests/unit/worker/media_kit.hpp"

namespace {

using namespace cxb_test;
using namespace std::chrono_literals;
using cxb::wire::text_at;
using ::testing::ElementsAre;

class ExotelProtocol : public ::testing::Test {
  protected:
    void go_live() {
        line.say(exotel_hello);
        ASSERT_NE(line.find<worker::media_answered>(), nullptr);
        line.seen.clear();
    }
    media_driver line{media_driver::kind::exotel};
};

// 80-33
TEST_F(ExotelProtocol, StartIsTheFirstOrTheSecondMessage) {
    for (std::string const first : {"", R"({"event":"connected"})", R"({"event":"hello"})", "{"}) {
        media_driver one(media_driver::kind::exotel);
        if (!first.empty()) one.say(first);
        EXPECT_EQ(one.find<worker::media_started>(), nullptr);
        one.say(exotel_hello);
        auto const* started = one.find<worker::media_started>();
        ASSERT_NE(started, nullptr) << first;
        auto const& who = started->party;
        EXPECT_EQ(who.stream_id, "ss");
        EXPECT_EQ(who.caller_id, "0987");
        EXPECT_EQ(who.did, "0111");
        EXPECT_EQ(text_at(who.variables, "call_sid"), "cs");
        EXPECT_EQ(text_at(who.variables, "did"), "0111");
        EXPECT_EQ(text_at(who.variables, "plan"), "gold");
        EXPECT_FALSE(who.variables.contains("_skip_prefetch"));
        EXPECT_NE(one.find<worker::media_answered>(), nullptr) << "the call is up";
    }
}

TEST_F(ExotelProtocol, NoStartInTwoMessagesOrTenSecondsIsAFault) {
    line.say(R"({"event":"connected"})");
    line.say(R"({"event":"connected"})");
    EXPECT_EQ(line.close_code(), worker::close_code::protocol_error);
    for (bool const connected : {false, true}) {
        media_driver slow(media_driver::kind::exotel);
        slow.pass(5s);
        if (connected) slow.say(R"({"event":"connected"})");
        slow.pass(4999ms);
        EXPECT_FALSE(slow.machine->over());
        slow.pass(1ms);
        EXPECT_EQ(slow.close_code(), worker::close_code::protocol_error);
    }
    media_driver wide(media_driver::kind::exotel);
    std::string other(exotel_hello);
    other.replace(other.find(R"("8000")"), 6, "16000");
    wide.say(other);
    EXPECT_EQ(wide.close_code(), worker::close_code::protocol_error);
}

TEST_F(ExotelProtocol, SpeaksInPiecesOf200Ms) {
    go_live();
    auto const began = line.now.steady;
    line.take(line.machine->play(line.now, std::string(3200 * 5 - 100, 'x')));
    std::size_t pieces = 0;
    for (int ms = 0; ms < 1500; ++ms) {
        for (auto const& frame : line.sent()) {
            ++pieces;
            EXPECT_EQ(text_at(frame, "event"), "media");
            EXPECT_EQ(text_at(frame, "stream_sid"), "ss");
            auto const& media = frame.at("media").as_object();
            EXPECT_EQ(cxb::from_base64(text_at(media, "payload"))->size(), 3200U);
        }
        auto const spoken = line.now.steady - began;
        if (spoken < 1s) EXPECT_GE(pieces * 200ms, spoken) << "the far side would run dry";
        EXPECT_LE(pieces * 200ms, spoken + 300ms);
        line.pass(1ms);
    }
    EXPECT_EQ(pieces, 5U);
}

TEST_F(ExotelProtocol, HearsAudioKeysAndTheEnd) {
    go_live();
    line.say(exotel_audio("abcd"));
    line.say(R"({"event":"dtmf","stream_sid":"ss","dtmf":{"digit":"5","duration":"100"}})");
    line.say(R"({"event":"mark","stream_sid":"ss","mark":{"name":"m"}})");
    ASSERT_NE(line.find<worker::media_audio>(), nullptr);
    EXPECT_EQ(line.find<worker::media_audio>()->pcm, "abcd");
    ASSERT_NE(line.find<worker::media_key>(), nullptr);
    EXPECT_EQ(line.find<worker::media_key>()->digit, '5');
    EXPECT_EQ(line.machine->skipped(), 0U);
    line.say(R"({"event":"weather"})");
    line.say(R"({"event":"media","stream_sid":"ss","media":{"payload":"?"}})");
    EXPECT_EQ(line.machine->skipped(), 2U);
    line.say(R"({"event":"stop","stream_sid":"ss","stop":{"call_sid":"cs","account_sid":"as",)"
             R"("reason":"callended"}})");
    EXPECT_EQ(line.left(), "customer: callended");
    EXPECT_EQ(line.close_code(), worker::close_code::normal);
}

TEST_F(ExotelProtocol, ClearsTheFarSide) {
    go_live();
    line.take(line.machine->play(line.now, std::string(32000, 'x')));
    line.seen.clear();
    line.take(line.machine->clear(line.now));
    line.take(line.machine->clear(line.now));
    EXPECT_THAT(line.sent_events(), ElementsAre("clear"));
    line.pass(2s);
    EXPECT_TRUE(line.sent().empty());
}

TEST_F(ExotelProtocol, CannotTransferAndEndsByClosing) {
    go_live();
    line.take(line.machine->transfer(line.now, "4711"));
    ASSERT_NE(line.find<worker::media_transferred>(), nullptr);
    EXPECT_EQ(line.find<worker::media_transferred>()->failed_reason, "not_supported");
    line.seen.clear();
    line.take(line.machine->hang_up(line.now));
    ASSERT_EQ(line.seen.size(), 1U) << "a close and nothing else";
    EXPECT_EQ(line.close_code(), worker::close_code::normal);
    media_driver closed(media_driver::kind::exotel);
    closed.say(exotel_hello);
    closed.take(closed.machine->ended(closed.now, {}));
    EXPECT_EQ(closed.left(), "customer: closed 1006");
}

}  // namespace
