#include "cxb/worker/result_outbox.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>

#include "tests/unit/worker/result_outbox_fixture.hpp"

namespace {
using namespace cxb_test;
using ResultOutbox = outbox_test;

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

// A loop is destroyed with a put under way: the disk thread must be done with it by then.
TEST_F(ResultOutbox, TheDiskIsWaitedFor) {
    std::promise<void> reached;
    std::promise<void> go_on;
    auto settings = options();
    settings.disk.gate = [&, gone_on = go_on.get_future().share()](disk_step step) -> result<void> {
        if (step == disk_step::create) reached.set_value();
        gone_on.wait();
        return {};
    };
    auto const outbox = result_outbox::open(std::move(settings)).value();
    {
        asio::io_context loop(1);
        asio::co_spawn(loop, outbox->put(item("r1")), asio::detached);
        loop.poll();
        reached.get_future().wait();
        auto waiting = std::async(std::launch::async, [&] { outbox->wait_for_disk(); });
        EXPECT_EQ(waiting.wait_for(20ms), std::future_status::timeout);
        go_on.set_value();
        waiting.get();
    }
    EXPECT_EQ(cxb_test::files_in(outbox->folder() / "new").size(), 1U);
}

// 10-38: six tries, then it is told, and the bot goes on (Desk.RefusedCallStaysWithTheBot).
TEST_F(ResultOutbox, AFailingHandoffIsToldWithinFifteenSeconds) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto outbox = result_outbox::open(options());
    auto const begin = time.now();
    during(**outbox, [&]() -> asio::awaitable<void> {
        auto handoff = item("h1");
        handoff.kind = outbox_class::handoff;
        EXPECT_TRUE(co_await (*outbox)->put(std::move(handoff)));
        while (outcomes.empty() && time.now() < begin + 15s) {
            co_await breathe();
            time.advance(100ms);
            (*outbox)->wake();
        }
    });
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].kind, outbox_class::handoff);
    EXPECT_FALSE(outcomes[0].delivered);
    EXPECT_EQ(outcomes[0].status, 503);
    EXPECT_EQ(outcomes[0].reason, "gave_up");
    EXPECT_EQ(peer.seen.size(), 6U);
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

// Whatever comes first, nothing hangs, and each entry is sent once or still on disk.
TEST_F(ResultOutbox, RunPutFlushAndStopComeInAnyOrder) {
    std::array<int, 4> order{0, 1, 2, 3};
    int round = 0;
    do {
        auto const worker = "w" + std::to_string(++round);
        auto outbox = result_outbox::open(options(worker));
        asio::io_context io;
        auto const put = [&]() -> asio::awaitable<void> {
            EXPECT_TRUE(co_await (*outbox)->put(item("r" + std::to_string(round))));
        };
        auto const flush = [&]() -> asio::awaitable<void> {
            (void)co_await (*outbox)->flush(std::chrono::steady_clock::now() + 1h);
        };
        auto const stop = [&]() -> asio::awaitable<void> {
            (*outbox)->stop();
            co_return;
        };
        for (int const what : order) {
            if (what == 0) asio::co_spawn(io, (*outbox)->run(), asio::detached);
            if (what == 1) asio::co_spawn(io, put, asio::detached);
            if (what == 2) asio::co_spawn(io, flush, asio::detached);
            if (what == 3) asio::co_spawn(io, stop, asio::detached);
        }
        io.run_for(20s);
        EXPECT_TRUE(io.stopped()) << "hangs in round " << round;
        auto const left = files_in(temp.path() / worker / "new").size();
        auto const sent = std::count_if(outcomes.begin(), outcomes.end(), [&](auto const& one) {
            return one.id == "r" + std::to_string(round);
        });
        EXPECT_EQ(left + static_cast<std::size_t>(sent), 1U) << round;
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_EQ(round, 24);
}

TEST_F(ResultOutbox, FlushWithoutARunSaysAtOnceWhatIsLeft) {
    auto outbox = result_outbox::open(options());
    asio::io_context io;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 1h));
            EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
            EXPECT_FALSE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 1h));
        },
        asio::detached);
    io.run_for(20s);
    EXPECT_TRUE(io.stopped());
}

TEST_F(ResultOutbox, FlushEndsWhenTheOutboxIsStopped) {
    peer.reply = [](auto const&) { return scripted_peer::status(503); };
    auto outbox = result_outbox::open(options());
    asio::io_context io;
    bool ended = false;
    asio::co_spawn(io, (*outbox)->run(), asio::detached);
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
            EXPECT_FALSE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 1h));
            ended = true;
        },
        asio::detached);
    while (peer.seen.empty())
        io.run_one();
    io.poll();
    EXPECT_FALSE(ended);
    (*outbox)->stop();
    io.run_for(20s);
    EXPECT_TRUE(ended);
    EXPECT_TRUE(io.stopped());
}

// A callback of the outbox's own step may stop it.
TEST_F(ResultOutbox, StopFromACallbackIsHeard) {
    auto settings = options();
    result_outbox* self = nullptr;
    settings.settled = [&](outbox_outcome const&) { self->stop(); };
    auto outbox = result_outbox::open(std::move(settings));
    self = outbox->get();
    asio::io_context io;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
            time.advance(8 * 24h);  // expires in the first step of `run`
            co_await (*outbox)->run();
        },
        asio::detached);
    io.run_for(20s);
    EXPECT_TRUE(io.stopped());
    EXPECT_EQ(list_dead(temp.path() / "w1").size(), 1U);
}

TEST_F(ResultOutbox, FaultOfTheTransportCostsOneTry) {
    int tries = 0;
    peer.reply = [&](auto const&) -> result<wire::http_response> {
        if (++tries == 1) throw std::runtime_error("bug");
        return scripted_peer::status(200);
    };
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("r1")));
        co_await breathe();
        time.advance(2s);
        (*outbox)->wake();
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(errors.size(), 1U);
}

TEST(OriginOf, IsSchemeHostAndPort) {
    EXPECT_EQ(origin_of("http://a:81/x?y"), "http://a:81");
    EXPECT_EQ(origin_of("https://a"), "https://a");
    EXPECT_EQ(origin_of("https://a?x=/b"), "https://a");
    EXPECT_EQ(origin_of("odd/x"), "odd");
}

}  // namespace
