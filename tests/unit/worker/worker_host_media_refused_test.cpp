// Calls over media WebSockets that do not come to be, or go wrong.

#include <gmock/gmock.h>

#include "cxb/contract/shared_secret/websocket_token.hpp"
#include "tests/unit/worker/media_host_fixture.hpp"

namespace {

using namespace cxb_test;
using cxb::wire::text_at;

class MediaHostRefuses : public media_host_test {};

// 10-25 on a WebSocket: the running call is unharmed.
TEST_F(MediaHostRefuses, AFullWorkerClosesRightAfterTheUpgrade) {
    open();
    fake_media_dialler running(caller_at(url()));
    ASSERT_TRUE(running.call());
    ASSERT_TRUE(running.until("reverse-media"));
    for (auto const* const path : {"/ws/bot-1", "/exotel/bot-1"}) {
        fake_media_dialler refused(caller_at(url(path)));
        ASSERT_TRUE(refused.connect());
        auto const end = refused.wait_for_end();
        EXPECT_EQ(end.code, worker::close_code::policy);
        EXPECT_EQ(end.reason, "At capacity");
        EXPECT_TRUE(refused.heard().empty());
    }
    EXPECT_EQ(peer_.urls().size(), 1U) << "no config fetch";
    running.speak(audio('E'));
    EXPECT_EQ(running.wait_for_end().code, worker::close_code::normal);
    ASSERT_TRUE(ended(1));
    EXPECT_TRUE(slot_is_free());
    fake_media_dialler next(caller_at(url()));
    ASSERT_TRUE(next.call());
    EXPECT_TRUE(next.until("reverse-media"));
    next.speak(audio('E'));
    EXPECT_TRUE(ended(2));
}

TEST_F(MediaHostRefuses, ADrainingWorkerIsFull) {
    open();
    loops_.run_and_wait([](worker::worker_host& host) -> asio::awaitable<void> {
        host.begin_drain();
        co_return;
    }(*host_));
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.connect());
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::policy);
}

// 10-29
TEST_F(MediaHostRefuses, AnswerBeforeStartCloses1002AndFreesTheSlot) {
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.connect());
    line.say_connected();
    line.say_answer();
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::protocol_error);
    EXPECT_TRUE(slot_is_free());
    EXPECT_TRUE(peer_.urls().empty());
    EXPECT_TRUE(journals().empty());
    EXPECT_TRUE(stored().empty());
}

TEST_F(MediaHostRefuses, ASilentPeerCostsTheSlotOnlyForAWhile) {
    options_.media.handshake = 50ms;
    options_.media.answer = 80ms;
    open();
    fake_media_dialler silent(caller_at(url()));
    ASSERT_TRUE(silent.connect());
    EXPECT_EQ(silent.wait_for_end().code, worker::close_code::protocol_error);
    EXPECT_TRUE(slot_is_free());
    EXPECT_TRUE(stored().empty());
    fake_media_dialler ringing(caller_at(url()));
    ASSERT_TRUE(ringing.connect());
    ringing.say_connected();
    ringing.say_start();
    EXPECT_EQ(ringing.wait_for_end().code, worker::close_code::protocol_error);
    ASSERT_TRUE(ended(1));
    EXPECT_EQ(text_at(stored().front(), "disconnected_by"), "no_answer");
    EXPECT_EQ(text_at(stored().front(), "session_id"), "s1");
}

TEST_F(MediaHostRefuses, WithoutConfigTheLineIsClosed) {
    peer_.config_status = 404;
    open();
    for (auto const* const path : {"/ws/bot-1", "/exotel/bot-1"}) {
        fake_media_dialler line(caller_at(url(path)));
        ASSERT_TRUE(line.call());
        EXPECT_EQ(line.wait_for_end().code, worker::close_code::internal);
    }
    ASSERT_TRUE(ended(2));
    EXPECT_EQ(ended_.front().config_outcome, "bot_not_found");
    EXPECT_EQ(ended_.front().disconnected_by, "error");
    EXPECT_TRUE(slot_is_free());
    EXPECT_TRUE(journals().empty());
}

TEST_F(MediaHostRefuses, ASessionThatHasItsResultGetsNone) {
    peer_.config_status = 409;
    peer_.config_body = R"({"detail":"x","code":"session_completed"})";
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.call());
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::internal);
    ASSERT_TRUE(ended(1));
    EXPECT_TRUE(stored().empty());
}

TEST_F(MediaHostRefuses, WithoutJournalThereIsNoCall) {
    std::atomic<bool> broken{false};
    options_.disk.gate = [&](worker::disk_step) -> cxb::result<void> {
        if (broken) return cxb::error{cxb::errc::unavailable, "disk full"};
        return {};
    };
    open();
    broken = true;
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.call());
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::internal);
    EXPECT_TRUE(slot_is_free());
    EXPECT_TRUE(peer_.urls().empty()) << "no config fetch";
}

TEST_F(MediaHostRefuses, ChecksTheTokenBeforeTheUpgrade) {
    options_.socket_token = true;
    open();
    auto const token =
        cxb::contract::shared_secret::websocket_token(cxb::secret("s3cret"), "bot-1");
    EXPECT_EQ(upgrade_status(url()), 403);
    EXPECT_EQ(upgrade_status(url("/ws/bot-1?t=x")), 403);
    EXPECT_EQ(upgrade_status(url("/ws/bot-2?t=" + token)), 403);
    EXPECT_EQ(upgrade_status(url("/ws/bot-1?t=" + token)), 101);
    EXPECT_EQ(upgrade_status(url("/exotel/bot-1?t=" + token)), 101);
    EXPECT_EQ(upgrade_status(url("/ws/")), 403) << "as any path that is not public";
    EXPECT_EQ(upgrade_status(url("/ws/a%20b")), 403);
}

TEST_F(MediaHostRefuses, AHandlerThatThrowsCostsItsCallOnly) {
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.call());
    line.speak(audio('X'));
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::normal);
    EXPECT_EQ(line.events().back(), "reverse-hangup-call");
    ASSERT_TRUE(ended(1));
    EXPECT_EQ(text_at(stored().front(), "disconnected_by"), "error");
    EXPECT_TRUE(slot_is_free());
}

TEST_F(MediaHostRefuses, CanBeStoppedDuringItsHandshake) {
    open();
    fake_media_dialler line(caller_at(url()));
    ASSERT_TRUE(line.connect());
    line.say_connected();
    ASSERT_TRUE(eventually([&] { return calls() == 1; }));
    loops_.run_and_wait([](worker::worker_host& host) -> asio::awaitable<void> {
        host.stop_calls("drain_deadline");
        co_return;
    }(*host_));
    EXPECT_EQ(line.wait_for_end().code, worker::close_code::internal);
    EXPECT_TRUE(slot_is_free());
    EXPECT_TRUE(stored().empty());
}

}  // namespace
