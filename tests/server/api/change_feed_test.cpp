// News of other processes: read at once, each version once, and bounded while many wait.
#include "server/api/app/change_feed.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "cxb/store/memory/memory_event_bus.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using cxb::test::run;
using wire::json_object;

// What one process keeps of the store.
struct reader {
    reader(store::document_store& store, clock const& time)
        : audit(store, time, system_random()),
          bots(store, audit, time, system_random(), {}),
          system(store, audit, time) {}
    audit_trail audit;
    bot_directory bots;
    settings_directory system;
};

class ChangeFeed : public ::testing::Test {
  protected:
    ChangeFeed() {
        store::sqlite_options options;
        options.path = (folder / "s.db").string();
        store = store::sqlite_document_store::open(options).value();
        for (auto const* each : model::all_collections())
            EXPECT_TRUE(run(store->ensure(*each)));
        for (auto* each : {&here, &there}) {
            each->emplace(*store, time);
            EXPECT_TRUE(run((*each)->system.load()));
            EXPECT_TRUE(run((*each)->bots.load()));
        }
        quiet.level = server::log_level::off;
        log.emplace(quiet);
        feed.emplace(bus, there->bots, there->system, *log, loop.get_executor());
    }
    ~ChangeFeed() override { feed.reset(); }
    std::string made_here() {
        auto const saved =
            run(here->bots.create({{"name", "Asha"}}, audit_actor::system("test"))).value();
        return saved.bot->id;
    }
    static result<void> set_zone(reader& where, std::string_view zone) {
        auto const* const block =
            std::ranges::find(settings_blocks, "timezone", &settings_block::name);
        return run(
            where.system.change(*block, {{"display_timezone", zone}}, audit_actor::system("test")));
    }
    std::size_t work() {
        loop.restart();
        return loop.run();
    }
    void news(std::string const& id, std::int64_t version) {
        EXPECT_TRUE(bus.publish("bots", {{"id", id}, {"version", version}}));
    }

    cxb::test::scratch_dir folder;
    testing::fake_clock time;
    std::unique_ptr<store::sqlite_document_store> store;
    store::memory_event_bus bus;
    boost::asio::io_context loop;
    server::log_options quiet;
    std::optional<server::logger> log;
    std::optional<reader> here;
    std::optional<reader> there;
    std::optional<change_feed> feed;
};

TEST_F(ChangeFeed, ReadsABotAndTheSettingsOnceTheyAreNamed) {
    auto const id = made_here();
    EXPECT_FALSE(there->bots.find(id));
    news(id, 1);
    EXPECT_GT(work(), 0U);
    ASSERT_TRUE(there->bots.find(id));
    EXPECT_EQ(there->bots.find(id)->version, 1);
    news(id, 1);
    EXPECT_EQ(work(), 0U) << "a version that is known costs nothing";
    news("nobody", 1);
    (void)work();
    EXPECT_TRUE(set_zone(*here, "Asia/Kolkata"));
    EXPECT_TRUE(bus.publish("settings", {{"version", here->system.get()->version}}));
    EXPECT_GT(work(), 0U);
    EXPECT_EQ(there->system.get()->display_timezone, "Asia/Kolkata");
}

TEST_F(ChangeFeed, TellsWhatIsSavedHere) {
    std::vector<std::string> told;
    auto const listen = [&](store::bus_message const& message) {
        told.push_back(message.topic + " " + wire::to_text(message.body));
    };
    bus.subscribe("bots", {.on_message = listen, .on_missed = {}});
    bus.subscribe("settings", {.on_message = listen, .on_missed = {}});
    auto const saved =
        run(there->bots.create({{"name", "Ravi"}}, audit_actor::system("test"))).value();
    auto const id = saved.bot->id;
    auto const actor = audit_actor::system("test");
    EXPECT_TRUE(run(there->bots.change(id, {{"name", "Ravi 2"}}, {}, actor)));
    EXPECT_TRUE(run(there->bots.change(id, {{"name", "Ravi 2"}}, {}, actor))) << "no change";
    EXPECT_TRUE(run(there->bots.remove(id, actor)));
    EXPECT_TRUE(set_zone(*there, "UTC"));
    std::vector<std::string> expected;
    for (int version : {1, 2, 3})
        expected.push_back(R"(bots {"id":")" + id + R"(","version":)" + std::to_string(version) +
                           "}");
    expected.emplace_back(R"(settings {"version":2})");
    EXPECT_EQ(told, expected);
    EXPECT_EQ(work(), 0U) << "one's own news cost nothing";
}

TEST_F(ChangeFeed, TooManyNewsAreOneLookAtAll) {
    auto const id = made_here();
    for (std::size_t i = 0; i < change_feed::max_pending; ++i)
        news("unknown-" + std::to_string(i), 1);
    news("one more", 1);
    EXPECT_GT(work(), 0U);
    EXPECT_TRUE(there->bots.find(id)) << "nobody named it";
}

TEST_F(ChangeFeed, AStoreThatFailsIsLeftToThePoll) {
    auto const id = made_here();
    store->close();
    news(id, 1);
    EXPECT_GT(work(), 0U);
    EXPECT_FALSE(there->bots.find(id));
}

// Clocks are set: what was saved under a wrong time must not hide what is saved after it.
TEST_F(ChangeFeed, ThePollFindsWhatIsSavedWhileAClockIsWrong) {
    auto const start = time.now();
    int bots = 0;
    auto const found = [&](std::chrono::seconds off) {
        time.set_wall(start + off);
        auto const id = made_here();
        time.set_wall(start);
        bool const seen = run(there->bots.refresh()) && there->bots.find(id);
        time.advance(std::chrono::minutes{1});
        ++bots;
        return seen;
    };
    EXPECT_TRUE(found({}));
    EXPECT_TRUE(found(std::chrono::hours{1}));
    EXPECT_TRUE(found({})) << "after one that was saved in the future";
    EXPECT_TRUE(found(-std::chrono::hours{1})) << "saved in the past";
    EXPECT_TRUE(found({}));
    EXPECT_EQ(there->bots.all().size(), static_cast<std::size_t>(bots));
}

// A process that was held up hears of the last bot first; that one hides none before it.
TEST_F(ChangeFeed, ThePollFindsWhatWasSavedBeforeABotThatIsKnownAlready) {
    auto const first = made_here();
    time.advance(std::chrono::minutes{5});
    auto const last = made_here();
    EXPECT_TRUE(run(there->bots.reload(last)));
    EXPECT_TRUE(run(there->bots.refresh()));
    EXPECT_TRUE(there->bots.find(first));
}

}  // namespace
}  // namespace cxb::api
