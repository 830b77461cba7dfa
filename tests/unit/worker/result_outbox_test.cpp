#include "cxb/worker/result_outbox.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <optional>

#include "tests/unit/worker/outbox_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::worker;
using namespace std::chrono_literals;
using cxb_test::files_in;
using cxb_test::hand_clock;
using cxb_test::scripted_peer;
using cxb_test::write_file;
namespace asio = boost::asio;

struct ResultOutbox : testing::Test {
    cxb_test::scratch_folder temp;
    hand_clock time;
    seeded_random random{3};
    scripted_peer peer;
    std::vector<outbox_outcome> outcomes;
    std::vector<std::string> errors;

    result_outbox::options options(std::string worker = "w1") {
        result_outbox::options out;
        out.root = temp.path();
        out.worker_id = std::move(worker);
        out.time = &time;
        out.random = &random;
        out.transport = &peer;
        out.disk.lock_wait = 0ms;
        out.headers = [] { return wire::header_list{{"X-CXB-Core-Secret", "s3cret"}}; };
        out.settled = [this](outbox_outcome const& outcome) { outcomes.push_back(outcome); };
        out.log = [this](bool is_error, std::string const& text) {
            if (is_error) errors.push_back(text);
        };
        out.crashed = [](call_journal const& journal) {
            outbox_item item;
            item.id = "crash-" + journal.call_id;
            item.session_id =
                journal.session_id.empty() ? journal.campaign_session_id : journal.session_id;
            item.url = journal.webhook_url.empty() ? journal.results_url : journal.webhook_url;
            item.body = R"({"disconnected_by":"error"})";
            return std::optional(item);
        };
        return out;
    }

    static outbox_item item(std::string id) {
        outbox_item out;
        out.session_id = "s-" + id;
        out.id = std::move(id);
        out.url = "http://api/api/v1/call-results";
        out.body = R"({"n":1})";
        return out;
    }

    // Runs the outbox while `work` lasts, then stops it.
    static void during(result_outbox& outbox, std::function<asio::awaitable<void>()> work) {
        asio::io_context io;
        std::exception_ptr failure;
        asio::co_spawn(io, outbox.run(), asio::detached);
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                co_await work();
                outbox.stop();
            },
            [&](std::exception_ptr e) { failure = e; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
};

asio::awaitable<void> breathe() {
    auto const executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 20; ++i)
        co_await asio::post(executor, asio::use_awaitable);
}

TEST_F(ResultOutbox, DeliversWithHeadersAndForgets) {
    auto outbox = result_outbox::open(options());
    ASSERT_TRUE(outbox);
    during(**outbox, [&]() -> asio::awaitable<void> {
        call_journal journal;
        journal.call_id = "c1";
        journal.started_at = time.now();
        EXPECT_TRUE(co_await (*outbox)->put_journal(journal));
        auto one = item("r1");
        one.ends_call = "c1";
        EXPECT_TRUE(co_await (*outbox)->put(one));
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    ASSERT_EQ(peer.seen.size(), 1U);
    EXPECT_EQ(peer.seen[0].url, "http://api/api/v1/call-results");
    EXPECT_EQ(peer.seen[0].message.method, "POST");
    EXPECT_EQ(peer.seen[0].message.body, R"({"n":1})");
    EXPECT_EQ(peer.seen[0].message.headers.get("X-CXB-Core-Secret"), "s3cret");
    EXPECT_EQ(peer.seen[0].message.headers.get("Content-Type"), "application/json");
    EXPECT_TRUE(files_in(temp.path() / "w1" / "new").empty());
    EXPECT_TRUE(files_in(temp.path() / "w1" / "calls").empty());
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_TRUE(outcomes[0].delivered);
    EXPECT_EQ(outcomes[0].response, "{}");
    EXPECT_EQ((*outbox)->metrics().delivered_total, 1U);
    EXPECT_EQ((*outbox)->metrics().entries, 0U);
}

TEST_F(ResultOutbox, SecretIsInNoFile) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        co_await breathe();
    });
    auto const names = files_in(temp.path() / "w1" / "new");
    ASSERT_EQ(names.size(), 1U);
    EXPECT_EQ(cxb_test::read_file(temp.path() / "w1" / "new" / names[0]).find("s3cret"),
              std::string::npos);
}

// 10-30: refused connections for ten minutes of fake time, then stored once.
TEST_F(ResultOutbox, OutlivesTenMinutesWithoutControlPlane) {
    auto const back = time.now() + 10min;
    int stored = 0;
    std::optional<time_point> stored_at;
    peer.reply = [&](auto const&) -> result<wire::http_response> {
        if (time.now() < back) return error{errc::unavailable, "refused"};
        ++stored;
        stored_at = time.now();
        return scripted_peer::status(200);
    };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        for (int second = 0; second < 620 && stored == 0; ++second) {
            co_await breathe();
            time.advance(1s);
            (*outbox)->wake();
        }
        co_await breathe();
    });
    EXPECT_EQ(stored, 1);
    ASSERT_TRUE(stored_at);
    EXPECT_LE(*stored_at - back, 7s);
}

// 10-33: 422 dies with its errors; the log gets a line; nothing is repeated.
TEST_F(ResultOutbox, PoisonGoesToDeadWithErrors) {
    peer.reply = [](auto const&) {
        return scripted_peer::status(
            422,
            R"({"detail":"Invalid","errors":[{"pointer":"/transcript","reason":"not a list"}]})");
    };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    EXPECT_EQ(peer.seen.size(), 1U);
    auto const dead = list_dead(temp.path() / "w1");
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].death.status, 422);
    EXPECT_EQ(dead[0].death.detail, "Invalid");
    EXPECT_EQ(dead[0].death.errors, std::vector<std::string>{"/transcript: not a list"});
    EXPECT_EQ(errors.size(), 1U);
    EXPECT_EQ((*outbox)->metrics().dead_total, 1U);
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].reason, "refused");
}

// 10-33: 403 shows as config_refused and keeps the entry.
TEST_F(ResultOutbox, RefusedSecretIsShown) {
    peer.reply = [](auto const&) { return scripted_peer::status(403); };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        co_await breathe();
        EXPECT_TRUE((*outbox)->config_refused());
        peer.reply = [](auto const&) { return scripted_peer::status(200); };
        time.advance(2min);
        (*outbox)->wake();
        co_await breathe();
        EXPECT_FALSE((*outbox)->config_refused());
    });
    EXPECT_TRUE(list_dead(temp.path() / "w1").empty());
}

// 10-32: a corrupt entry does not hold up the others.
TEST_F(ResultOutbox, CorruptEntryIsBuriedAndOthersAreSent) {
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

TEST_F(ResultOutbox, EntryDamagedWhileWaitingIsBuried) {
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
TEST_F(ResultOutbox, EntryCutAfterItsRenameIsSentOnce) {
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
TEST_F(ResultOutbox, LeftoverCallBecomesAMinimalResult) {
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
TEST_F(ResultOutbox, DeadSiblingIsTakenOver) {
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

TEST_F(ResultOutbox, LivingSiblingIsLeftAlone) {
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

TEST_F(ResultOutbox, RetriedAndTakenAwayEntriesAreNoticed) {
    peer.reply = [](auto const&) { return scripted_peer::status(422); };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
        auto const dead = list_dead((*outbox)->folder());
        peer.reply = [](auto const&) { return scripted_peer::status(503); };
        EXPECT_TRUE(retry_dead((*outbox)->folder(), dead.at(0).name, time.now()));
        (*outbox)->wake();
        co_await breathe();
        EXPECT_EQ(peer.seen.size(), 2U);
        EXPECT_EQ((*outbox)->metrics().entries, 1U);
        std::filesystem::remove((*outbox)->folder() / "new" / dead.at(0).name);
        (*outbox)->wake();
        co_await breathe();
    });
    EXPECT_EQ((*outbox)->metrics().entries, 0U);
}

TEST_F(ResultOutbox, FullOpensAgainAtNinetyPercent) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto settings = options();
    settings.max_entries = 10;
    auto outbox = result_outbox::open(std::move(settings));
    during(**outbox, [&]() -> asio::awaitable<void> {
        for (int n = 0; n < 10; ++n) {
            EXPECT_FALSE((*outbox)->full());
            EXPECT_TRUE(co_await (*outbox)->put(item("r" + std::to_string(n))));
        }
        EXPECT_TRUE((*outbox)->full());
        EXPECT_TRUE(co_await (*outbox)->put(item("more")));  // running calls are still taken
        auto const drop = [&] {
            auto const names = files_in((*outbox)->folder() / "new");
            std::filesystem::remove((*outbox)->folder() / "new" / names.at(0));
            (*outbox)->wake();
        };
        drop();
        co_await breathe();
        drop();
        co_await breathe();
        EXPECT_TRUE((*outbox)->full());  // 9 of 10
        drop();
        co_await breathe();
        EXPECT_FALSE((*outbox)->full());
    });
}

TEST_F(ResultOutbox, FullBySize) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto settings = options();
    settings.max_bytes = 7;
    auto outbox = result_outbox::open(std::move(settings));
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        EXPECT_TRUE((*outbox)->full());
        EXPECT_EQ((*outbox)->metrics().bytes, 7U);
        time.advance(90s);
        EXPECT_EQ((*outbox)->metrics().oldest_seconds, 90U);
    });
}

TEST_F(ResultOutbox, DiskErrorOfAPutIsTold) {
    auto settings = options();
    settings.disk.gate = [](disk_step) -> result<void> {
        return error{errc::unavailable, "disk full"};
    };
    auto outbox = result_outbox::open(std::move(settings));
    during(**outbox, [&]() -> asio::awaitable<void> {
        auto const put = co_await (*outbox)->put(item("r1"));
        EXPECT_FALSE(put);
        EXPECT_EQ(put.error().code(), errc::unavailable);
    });
    EXPECT_TRUE(peer.seen.empty());
}

TEST_F(ResultOutbox, RetryAfterHeaderIsKept) {
    int tries = 0;
    peer.reply = [&](auto const&) {
        ++tries;
        auto answer = scripted_peer::status(503);
        answer->headers.set("Retry-After", "120");
        return answer;
    };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        co_await breathe();
        time.advance(119s);
        (*outbox)->wake();
        co_await breathe();
        EXPECT_EQ(tries, 1);
        time.advance(2s);
        (*outbox)->wake();
        co_await breathe();
        EXPECT_EQ(tries, 2);
    });
}

TEST_F(ResultOutbox, FlushGivesUpAtItsDeadline) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        EXPECT_FALSE(co_await (*outbox)->flush(std::chrono::steady_clock::now()));
    });
}

TEST(OriginOf, IsSchemeHostAndPort) {
    EXPECT_EQ(origin_of("http://a:81/x?y"), "http://a:81");
    EXPECT_EQ(origin_of("https://a"), "https://a");
    EXPECT_EQ(origin_of("https://a?x=/b"), "https://a");
    EXPECT_EQ(origin_of("odd/x"), "odd");
}

}  // namespace
