#include "tests/unit/worker/result_outbox_fixture.hpp"

namespace {
using namespace cxb_test;
using OutboxRecovery = outbox_test;

// 10-32: a corrupt entry does not hold up the others.
TEST_F(OutboxRecovery, CorruptEntryIsBuriedAndOthersAreSent) {
    {
        auto outbox = result_outbox::open(options());
        asio::io_context io;
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                for (auto const* id : {"r1", "r2", "r3"}) {
                    time.advance(1ms);
                    EXPECT_TRUE(co_await (*outbox)->put(item(id)));
                }
            },
            asio::detached);
        io.run();
    }
    auto const names = files_in(temp.path() / "w1" / "new");
    ASSERT_EQ(names.size(), 3U);
    auto const path = temp.path() / "w1" / "new" / names[0];
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    auto outbox = result_outbox::open(options());
    ASSERT_TRUE(outbox);
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    EXPECT_EQ(peer.seen.size(), 2U);
    auto const dead = list_dead(temp.path() / "w1");
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].death.reason, "corrupt");
}

TEST_F(OutboxRecovery, EntryDamagedWhileWaitingIsBuried) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        co_await breathe();
        auto const names = files_in(temp.path() / "w1" / "new");
        EXPECT_EQ(names.size(), 1U);
        write_file(temp.path() / "w1" / "new" / names[0], "junk");
        time.advance(10s);
        (*outbox)->wake();
        co_await breathe();
    });
    EXPECT_EQ(peer.seen.size(), 1U);
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].reason, "corrupt");
    EXPECT_EQ((*outbox)->metrics().entries, 0U);
}

// 10-31: cut between rename and answer: exactly that entry is sent after the restart.
TEST_F(OutboxRecovery, EntryCutAfterItsRenameIsSentOnce) {
    {
        auto settings = options();
        settings.disk.keep_partial = true;
        settings.disk.gate = [](disk_step step) -> result<void> {
            if (step == disk_step::sync_directory) return error{errc::unavailable, "power"};
            return {};
        };
        auto outbox = result_outbox::open(std::move(settings));
        asio::io_context io;
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                auto const put = co_await (*outbox)->put(item("r1"));
                EXPECT_FALSE(put);
            },
            asio::detached);
        io.run();
    }
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    EXPECT_EQ(peer.seen.size(), 1U);
}

// 10-34: a journal without a result becomes the crash result, once.
TEST_F(OutboxRecovery, LeftoverCallBecomesAMinimalResult) {
    {
        auto outbox = result_outbox::open(options());
        asio::io_context io;
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                call_journal journal;
                journal.started_at = time.now();
                journal.call_id = "c1";
                journal.session_id = "s1";
                journal.webhook_url = "http://api/hook";
                EXPECT_TRUE(co_await (*outbox)->put_journal(journal));
                journal.call_id = "c2";
                journal.session_id = "";
                journal.webhook_url = "";
                journal.campaign_session_id = "camp";
                journal.results_url = "http://api/results";
                EXPECT_TRUE(co_await (*outbox)->put_journal(journal));
                journal.call_id = "c3";
                journal.campaign_session_id = "";
                EXPECT_TRUE(co_await (*outbox)->put_journal(journal));
                // A call whose result made it to the outbox: its journal says nothing new.
                journal.call_id = "c4";
                journal.session_id = "s-r4";
                EXPECT_TRUE(co_await (*outbox)->put_journal(journal));
                EXPECT_TRUE(co_await (*outbox)->put(item("r4")));
            },
            asio::detached);
        io.run();
    }
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    std::vector<std::string> urls;
    for (auto const& request : peer.seen)
        urls.push_back(request.url);
    std::sort(urls.begin(), urls.end());
    EXPECT_EQ(urls, (std::vector<std::string>{"http://api/api/v1/call-results", "http://api/hook",
                                              "http://api/results"}));
    EXPECT_TRUE(files_in(temp.path() / "w1" / "calls").empty());
}

// 10-35: a dead sibling's entries and calls are delivered by the next scan.
TEST_F(OutboxRecovery, DeadSiblingIsTakenOver) {
    {
        auto dead = result_outbox::open(options("w2"));
        asio::io_context io;
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                EXPECT_TRUE(co_await (*dead)->put(item("r2")));
                call_journal journal;
                journal.call_id = "c2";
                journal.session_id = "s2";
                journal.webhook_url = "http://api/hook";
                journal.started_at = time.now();
                EXPECT_TRUE(co_await (*dead)->put_journal(journal));
            },
            asio::detached);
        io.run();
    }
    auto outbox = result_outbox::open(options("w1"));
    EXPECT_FALSE(result_outbox::open(options("w1")));
    during(**outbox, [&]() -> asio::awaitable<void> {
        co_await breathe();
        EXPECT_TRUE(peer.seen.empty());
        time.advance(60s);
        (*outbox)->wake();
        co_await breathe();
    });
    EXPECT_EQ(peer.seen.size(), 2U);
    EXPECT_TRUE(files_in(temp.path() / "w2" / "new").empty());
    EXPECT_TRUE(files_in(temp.path() / "w2" / "calls").empty());
}

// A call that runs here now is not reported as crashed because a dead sibling once had it.
TEST_F(OutboxRecovery, JournalOfALiveCallIsNotOverwrittenByASibling) {
    call_journal journal;
    journal.call_id = "same";
    journal.session_id = "s1";
    journal.webhook_url = "http://api/old";
    journal.started_at = time.now();
    {
        auto dead = result_outbox::open(options("w2"));
        asio::io_context io;
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> { EXPECT_TRUE(co_await (*dead)->put_journal(journal)); },
            asio::detached);
        io.run();
    }
    auto outbox = result_outbox::open(options("w1"));
    during(**outbox, [&]() -> asio::awaitable<void> {
        journal.webhook_url = "http://api/new";
        EXPECT_TRUE(co_await (*outbox)->put_journal(journal));
        (*outbox)->wake();
        co_await breathe();
    });
    EXPECT_TRUE(peer.seen.empty());
    EXPECT_TRUE(files_in(temp.path() / "w2" / "calls").empty());
    auto const kept = cxb_test::read_file(temp.path() / "w1" / "calls" / "same.json");
    EXPECT_NE(kept.find("http://api/new"), std::string::npos);
}

TEST_F(OutboxRecovery, LivingSiblingIsLeftAlone) {
    auto living = result_outbox::open(options("w2"));
    asio::io_context io;
    asio::co_spawn(
        io, [&]() -> asio::awaitable<void> { EXPECT_TRUE(co_await (*living)->put(item("r2"))); },
        asio::detached);
    io.run();
    auto outbox = result_outbox::open(options("w1"));
    during(**outbox, [&]() -> asio::awaitable<void> {
        (*outbox)->wake();
        co_await breathe();
    });
    EXPECT_TRUE(peer.seen.empty());
}

}  // namespace
