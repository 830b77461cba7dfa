// What a damaged disk or a cut write may leave in an outbox: each file is delivered or set aside
// with its reason, and none keeps the worker from its start or the others from delivery.
#include <fstream>

#include "tests/unit/worker/result_outbox_fixture.hpp"
// After the fixture, in which `testing` is that of gtest.
#include "cxb/testing/fake_clock.hpp"

namespace {
using namespace cxb_test;

struct OutboxTorn : outbox_test {
    std::filesystem::path const folder = temp.path() / "w1";

    void with_outbox(std::function<asio::awaitable<void>(result_outbox&)> const& work) {
        auto outbox = result_outbox::open(options());
        ASSERT_TRUE(outbox);
        asio::io_context io;
        asio::co_spawn(io, work(**outbox), asio::detached);
        io.run();
    }

    // The name and bytes of an entry as the outbox writes it; it is taken away again.
    std::pair<std::string, std::string> real_entry() {
        with_outbox([](result_outbox& outbox) -> asio::awaitable<void> {
            EXPECT_TRUE(co_await outbox.put(item("torn")));
        });
        auto const name = files_in(folder / "new").at(0);
        auto const bytes = cxb_test::read_file(folder / "new" / name);
        std::filesystem::remove(folder / "new" / name);
        return {name, bytes};
    }

    static std::string name_of(std::size_t number) {
        char stamp[16];
        std::snprintf(stamp, sizeof stamp, "%013zu", number);
        return std::string(stamp) + "-torn.entry";
    }
};

// 10-32: at every length a write can be cut at, with what a file system may put into the hole.
TEST_F(OutboxTorn, EveryTornEntryIsSetAsideAndTheOthersAreSent) {
    auto const [name, bytes] = real_entry();
    std::vector<std::string> torn;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        torn.push_back(bytes.substr(0, length));
        torn.push_back(bytes.substr(0, length) + std::string(bytes.size() - length, '\0'));
    }
    torn.push_back(bytes + "\n");
    torn.push_back(bytes + std::string(4096, '\0'));
    torn.emplace_back(4096, '\0');
    torn.push_back(std::string(200, '\xff') + "\n" + bytes);
    torn.push_back("\n" + bytes);
    torn.push_back(bytes + bytes);
    for (std::size_t i = 0; i < bytes.size(); i += 7) {
        auto flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x80);
        torn.push_back(flipped);
    }
    for (std::size_t i = 0; i < torn.size(); ++i)
        write_file(folder / "new" / name_of(i), torn[i]);
    write_file(folder / "new" / "no-number.entry", bytes);
    write_file(folder / "new" / name, bytes);
    auto outbox = result_outbox::open(options());
    ASSERT_TRUE(outbox);
    EXPECT_EQ((*outbox)->metrics().dead_total, torn.size() + 1);
    EXPECT_EQ((*outbox)->metrics().entries, 1U);
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->put(item("young")));
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    EXPECT_EQ(peer.seen.size(), 2U);
    EXPECT_EQ((*outbox)->metrics().delivered_total, 2U);
    EXPECT_TRUE(files_in(folder / "new").empty());
    auto const dead = list_dead(folder);
    EXPECT_EQ(dead.size(), torn.size() + 1);
    for (auto const& entry : dead) {
        EXPECT_EQ(entry.death.reason, "corrupt") << entry.name;
        EXPECT_FALSE(entry.death.detail.empty()) << entry.name;
    }
    EXPECT_EQ(errors.size(), torn.size() + 1);  // each is told
}

// 10-34: a torn journal tells of no call, but that there was one is not forgotten.
TEST_F(OutboxTorn, EveryTornJournalIsSetAsideAndTheOthersAreReported) {
    with_outbox([this](result_outbox& outbox) -> asio::awaitable<void> {
        call_journal journal;
        journal.call_id = "c1";
        journal.session_id = "s1";
        journal.webhook_url = "http://api/hook";
        journal.started_at = time.now();
        EXPECT_TRUE(co_await outbox.put_journal(journal));
    });
    auto const bytes = cxb_test::read_file(folder / "calls" / "c1.json");
    for (std::size_t length = 0; length < bytes.size(); ++length)
        write_file(folder / "calls" / ("torn" + std::to_string(length) + ".json"),
                   bytes.substr(0, length));
    write_file(folder / "calls" / "zeroes.json", std::string(4096, '\0'));
    auto outbox = result_outbox::open(options());
    ASSERT_TRUE(outbox);
    EXPECT_EQ((*outbox)->metrics().dead_total, bytes.size() + 1);
    EXPECT_TRUE(files_in(folder / "calls").empty());
    during(**outbox, [&]() -> asio::awaitable<void> {
        EXPECT_TRUE(co_await (*outbox)->flush(std::chrono::steady_clock::now() + 30s));
    });
    EXPECT_EQ(peer.seen.size(), 1U);
    auto const dead = list_dead(folder);
    ASSERT_EQ(dead.size(), bytes.size() + 1);
    EXPECT_EQ(dead.front().death.reason, "corrupt");
    EXPECT_EQ(retry_dead(folder, dead.front().name, time.now()).error().code(), errc::corrupt_data);
    EXPECT_TRUE(drop_dead(folder, dead.front().name));
}

// What cannot be read at the moment is not thrown away.
TEST_F(OutboxTorn, AJournalThatCannotBeReadStays) {
    with_outbox([](result_outbox&) -> asio::awaitable<void> { co_return; });
    std::filesystem::create_directory(folder / "calls" / "folder.json");
    auto outbox = result_outbox::open(options());
    ASSERT_TRUE(outbox);
    EXPECT_TRUE(std::filesystem::exists(folder / "calls" / "folder.json"));
    EXPECT_EQ((*outbox)->metrics().dead_total, 0U);
}

TEST_F(OutboxTorn, TheTornJournalOfADeadSiblingIsSetAside) {
    {
        auto const dead = result_outbox::open(options("w2"));
        ASSERT_TRUE(dead);
    }
    write_file(temp.path() / "w2" / "calls" / "c9.json", "{");
    auto outbox = result_outbox::open(options());
    during(**outbox, [&]() -> asio::awaitable<void> {
        (*outbox)->wake();
        co_await breathe();
    });
    EXPECT_TRUE(files_in(temp.path() / "w2" / "calls").empty());
    EXPECT_EQ((*outbox)->metrics().dead_total, 1U);
    EXPECT_EQ(list_dead(folder).size(), 1U);
}

// --- steps of the wall clock ---------------------------------------------------------------------

// What waits for its next try waits as long as it was told to, whatever the clock of the wall says.
TEST_F(OutboxTorn, AStepOfTheClockNeitherDelaysNorEndsWhatWaits) {
    for (auto const step : {-1h, 1h}) {
        SCOPED_TRACE(step.count());
        peer.seen.clear();
        auto settings = options("w" + std::to_string(step.count()));
        cxb::testing::fake_clock stepping;
        settings.time = &stepping;
        int status = 503;
        peer.reply = [&](auto const&) { return scripted_peer::status(status); };
        auto outbox = result_outbox::open(std::move(settings));
        during(**outbox, [&]() -> asio::awaitable<void> {
            auto young = item("young");
            young.kind = outbox_class::handoff;  // lives 15 s
            EXPECT_TRUE(co_await (*outbox)->put(item("old")));
            co_await breathe();
            EXPECT_EQ(peer.seen.size(), 1U);
            status = 200;
            stepping.set_wall(stepping.now() + step);
            EXPECT_TRUE(co_await (*outbox)->put(young));
            co_await breathe();
            EXPECT_EQ(peer.seen.size(), 2U);  // the young one, at once
            stepping.advance(6s);
            (*outbox)->wake();
            co_await breathe();
            EXPECT_EQ(peer.seen.size(), 3U);
        });
        EXPECT_EQ((*outbox)->metrics().entries, 0U);
        EXPECT_EQ((*outbox)->metrics().dead_total, 0U);
    }
}

}  // namespace
