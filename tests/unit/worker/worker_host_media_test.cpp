// Calls over media WebSockets, from a real client to the stored result.

#include <gmock/gmock.h>

#include "cxb/base/encoding.hpp"
#include "tests/unit/worker/media_host_fixture.hpp"

namespace {

using namespace cxb_test;
using cxb::wire::text_at;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class MediaHost : public media_host_test {};

TEST_F(MediaHost, RunsFromHandshakeToResult) {
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.call());
    auto const first = line.until("reverse-media");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->at("chunk").as_int64(), 1);
    EXPECT_EQ(text_at(*first, "streamId"), "st-1");
    EXPECT_EQ(cxb::from_base64(text_at(*first, "payload"))->size(), 320U);
    auto const shown = cxb::domain::find_time_zone("Asia/Kolkata")->at(cxb::real_clock().now());
    EXPECT_EQ(text_at(*first, "timestamp").substr(0, 13),
              cxb::domain::format_local(shown).substr(0, 13))
        << "the hour of the bot's zone";
    for (int chunk = 2; chunk <= 5; ++chunk)
        EXPECT_EQ(line.until("reverse-media")->at("chunk").as_int64(), chunk);
    line.speak(audio('E'));
    auto const end = line.wait_for_end();
    EXPECT_EQ(end.code, worker::close_code::normal);
    auto const events = line.events();
    ASSERT_GE(events.size(), 2U);
    EXPECT_EQ(events[events.size() - 2], "reverse-media-stop");
    EXPECT_EQ(events.back(), "reverse-hangup-call");
    EXPECT_THAT(line.faults(), IsEmpty());
    ASSERT_TRUE(ended(1));
    ASSERT_EQ(stored().size(), 1U);
    auto const result = stored().front();
    EXPECT_EQ(text_at(result, "session_id"), "s1");
    EXPECT_EQ(text_at(result, "disconnected_by"), "bot");
    EXPECT_EQ(text_at(result, "stream_id"), "st-1");
    EXPECT_TRUE(slot_is_free());
    EXPECT_TRUE(journals().empty());
    ASSERT_EQ(peer_.urls().size(), 1U);
    auto const asked = peer_.urls().front();
    EXPECT_TRUE(asked.starts_with("http://a/api/v1/config/bot-1?")) << asked;
    for (auto const* const part : {"caller_id=%2B919876543210", "stream_id=st-1",
                                   "transport=websocket", "CUSTOMER", "callDirection"})
        EXPECT_THAT(asked, HasSubstr(part));
    // Flags are trusted only from us (10 §3.1).
    EXPECT_THAT(asked, Not(HasSubstr("not-yours")));
}

TEST_F(MediaHost, TheCustomerHangsUpInThreeWays) {
    open();
    for (int way = 0; way < 3; ++way) {
        fake_media_dialler line(caller_at(url()));
        ASSERT_TRUE(line.call());
        ASSERT_TRUE(line.until("reverse-media"));
        if (way == 0) line.hang_up("caller");
        if (way == 1) line.close(worker::close_code::normal);
        if (way == 2) line.drop();
        if (way == 0) EXPECT_EQ(line.wait_for_end().code, worker::close_code::normal);
        ASSERT_TRUE(ended(static_cast<std::size_t>(way) + 1)) << way;
    }
    ASSERT_EQ(stored().size(), 3U);
    for (auto const& result : stored())
        EXPECT_EQ(text_at(result, "disconnected_by"), "customer");
    EXPECT_EQ(text_at(stored().front(), "transfer_reason"), "caller");
    EXPECT_TRUE(slot_is_free());
}

TEST_F(MediaHost, TheJournalComesBeforeTheConfig) {
    peer_.held = true;
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.call());
    ASSERT_TRUE(eventually([&] { return !peer_.urls().empty(); }));
    ASSERT_EQ(journals().size(), 1U);
    auto const text = cxb_test::read_file(options_.outbox_dir / "1" / "calls" / journals().front());
    auto const journal = cxb::wire::parse_json(text).value().as_object();
    EXPECT_EQ(text_at(journal, "results_url"), "http://a/api/v1/call-results");
    EXPECT_EQ(text_at(journal, "bot_id"), "bot-1");
    // Who leaves while the config is fetched has been a customer.
    line.hang_up();
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::normal);
    peer_.held = false;
    ASSERT_TRUE(ended(1));
    EXPECT_EQ(text_at(stored().front(), "disconnected_by"), "customer");
}

TEST_F(MediaHost, TransfersByTellingThePeer) {
    options_.media.transfer = 100ms;
    open();
    fake_media_dialler refused(caller_at(url()));
    ASSERT_TRUE(refused.call());
    refused.speak(audio('T'));
    auto const told = refused.until("reverse-call-transfer");
    ASSERT_TRUE(told);
    EXPECT_EQ(text_at(*told, "transferTo"), "4711");
    // The peer does not close: the bot has the line again.
    for (std::string heard; !heard.starts_with('f');) {
        auto const sound = refused.until("reverse-media");
        ASSERT_TRUE(sound);
        heard = *cxb::from_base64(text_at(*sound, "payload"));
    }
    refused.speak(audio('E'));
    ASSERT_TRUE(refused.until("reverse-hangup-call"));
    ASSERT_TRUE(ended(1));
    EXPECT_EQ(text_at(stored().front(), "transfer_failed_reason"), "timeout");

    fake_media_dialler taken(caller_at(url()));
    ASSERT_TRUE(taken.call());
    taken.speak(audio('T'));
    ASSERT_TRUE(taken.until("reverse-call-transfer"));
    taken.close(worker::close_code::normal);
    ASSERT_TRUE(ended(2));
    auto const result = stored().back();
    EXPECT_TRUE(result.at("was_transferred").as_bool());
    EXPECT_EQ(text_at(result, "disconnected_by"), "bot");
}

TEST_F(MediaHost, AnInterruptionClearsTheFarSideOnce) {
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.call());
    line.speak(audio('S'));
    ASSERT_TRUE(line.until("reverse-media"));
    line.speak(audio('C'));
    line.speak(audio('C'));
    ASSERT_TRUE(line.until("reverse-media-stop"));
    line.speak(audio('E'));
    (void)line.wait_for_end();
    EXPECT_EQ(line.count("reverse-media-stop"), 2U) << "the second belongs to the hang-up";
    EXPECT_LT(line.count("reverse-media"), 30U) << "of 10 s";
}

TEST_F(MediaHost, SpeaksExotelToo) {
    open();
    fake_media_dialler line(caller_at(url("/exotel/bot-1")));
    ASSERT_TRUE(line.call());
    auto const first = line.until("media");
    ASSERT_TRUE(first);
    EXPECT_EQ(text_at(*first, "stream_sid"), "ss");
    EXPECT_EQ(cxb::from_base64(text_at(*first, "media.payload"))->size(), 3200U);
    line.press('5');
    line.speak(audio('S'));
    ASSERT_TRUE(line.until("media"));
    line.speak(audio('C'));
    ASSERT_TRUE(line.until("clear"));
    line.hang_up("callended");
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::normal);
    EXPECT_THAT(line.faults(), IsEmpty());
    ASSERT_TRUE(ended(1));
    auto const result = stored().front();
    EXPECT_EQ(text_at(result, "disconnected_by"), "customer");
    EXPECT_EQ(text_at(result, "stream_id"), "ss");
    EXPECT_EQ(text_at(result, "transfer_target"), "5");
    auto const asked = peer_.urls().front();
    for (auto const* const part : {"caller_id=0987", "transport=exotel", "call_sid", "gold"})
        EXPECT_THAT(asked, HasSubstr(part));
    EXPECT_THAT(asked, Not(HasSubstr("_skip_prefetch")));
}

}  // namespace
