#include "cxb/testing/temp_outbox.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "cxb/client/blocking.hpp"
#include "cxb/testing/builders.hpp"
#include "cxb/testing/matchers.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "tests/support/outbox_run.hpp"

namespace {
using namespace cxb;
using cxb::testing::IsResultFor;
using cxb::testing::make_result;
using cxb::testing::scripted_transport;
using cxb::testing::temp_outbox;

worker::outbox_item item(std::string session) {
    worker::outbox_item out;
    auto const made = make_result(session);
    out.id = *made.value().result_id;
    out.session_id = std::move(session);
    out.url = "http://api/api/v1/call-results";
    out.body = made.text();
    return out;
}

struct TempOutbox : ::testing::Test {
    std::unique_ptr<worker::result_outbox> open() {
        return worker::result_outbox::open(kept.options(net)).value();
    }
    result<void> put(worker::result_outbox& outbox, std::string session) {
        return runner.run(outbox.put(item(std::move(session))));
    }
    temp_outbox kept{"w1"};
    scripted_transport net;
    client::blocking_runner runner;
};

TEST_F(TempOutbox, IsEmptyBeforeAnybodyUsedIt) {
    EXPECT_TRUE(kept.waiting().empty());
    EXPECT_TRUE(kept.dead().empty());
    EXPECT_TRUE(kept.journals().empty());
    EXPECT_EQ(kept.folder(), kept.root() / "w1");
}

TEST_F(TempOutbox, ShowsWhatWaitsWhileTheOutboxIsOpen) {
    auto const outbox = open();
    ASSERT_TRUE(put(*outbox, "s-1"));
    worker::call_journal running;
    running.call_id = "c-1";
    ASSERT_TRUE(runner.run(outbox->put_journal(running)));
    auto const waiting = kept.waiting();
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_THAT(waiting[0].body, IsResultFor("s-1"));
    EXPECT_EQ(wire::text_at(waiting[0].header, "session_id"), "s-1");
    EXPECT_EQ(kept.journals(), std::vector<std::string>{"c-1"});
    EXPECT_EQ(worker::result_outbox::open(kept.options(net)).error().reason(), "outbox_locked");
}

TEST_F(TempOutbox, ShowsWhatDied) {
    net.reply(422, R"({"detail":"no"})");
    auto const outbox = open();
    ASSERT_TRUE(put(*outbox, "s-1"));
    cxb_test::during(*outbox, [&]() -> boost::asio::awaitable<void> {
        (void)co_await outbox->flush(std::chrono::steady_clock::now() + std::chrono::seconds{20});
    });
    EXPECT_TRUE(kept.waiting().empty());
    ASSERT_EQ(kept.dead().size(), 1U);
    EXPECT_EQ(kept.dead()[0].death.status, 422);
}

TEST_F(TempOutbox, TakesDamagedFilesAsTheyAre) {
    std::filesystem::create_directories(kept.folder() / "new");
    std::ofstream(kept.folder() / "new" / "0-a.entry") << "no line end";
    std::ofstream(kept.folder() / "new" / "1-b.entry") << "[]\nbody\n";
    std::ofstream(kept.folder() / "new" / "2-c.tmp") << "other";
    auto const waiting = kept.waiting();
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_TRUE(waiting[0].header.empty() && waiting[0].body.empty());
    EXPECT_TRUE(waiting[1].header.empty());
    EXPECT_EQ(waiting[1].body, "body\n");
}

TEST_F(TempOutbox, GoesWithTheObject) {
    std::filesystem::path gone;
    {
        temp_outbox const other;
        gone = other.root();
        EXPECT_TRUE(std::filesystem::exists(gone));
    }
    EXPECT_FALSE(std::filesystem::exists(gone));
}

}  // namespace
