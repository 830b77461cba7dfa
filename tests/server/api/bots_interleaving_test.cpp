// What happens between an edit's look at the store and its write, moment by moment: the hook of
// the clock runs there (spec 20 §5.2 "concurrent writers", "Locked").
#include "server/api/audit/audit_trail.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/store_beside.hpp"

namespace cxb::api::test {
namespace {

// The directory asks for the time after it looked and before it writes.
class hooked_clock final : public clock {
  public:
    std::function<void()> mutable between;
    [[nodiscard]] time_point now() const noexcept override {
        if (auto const hook = std::exchange(between, nullptr)) hook();
        return real_clock().now();
    }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
        return real_clock().steady();
    }
};

struct writer {
    explicit writer(store::document_store& store, clock const& time)
        : audit(store, real_clock(), system_random()),
          bots(store, audit, time, system_random(), domain::make_guard_policy(false, {}).value()) {}
    audit_trail audit;
    bot_directory bots;
};

struct BotsInterleaved : ::testing::Test {
    BotsInterleaved() {
        settings.store.url = "sqlite:" + (scratch / "x.db").string();
        loops.start();
        ours.emplace(settings);
        theirs.emplace(settings);
        mine.emplace(**ours, time);
        other.emplace(**theirs, real_clock());
        auto const made = ours->run(mine->bots.create(
            json_object{{"name", "A"}, {"description", "one"}}, audit_actor::system("test")));
        id = made.value().bot->id;
    }
    ~BotsInterleaved() override {
        mine.reset();
        other.reset();
        ours.reset();
        theirs.reset();
        loops.stop();
    }
    result<saved_bot> put(json_object sent, std::optional<std::int64_t> version = {}) {
        return ours->run(
            mine->bots.change(id, std::move(sent), version, audit_actor::system("me")));
    }
    void they_put(json_object sent) {
        EXPECT_TRUE(
            theirs->run(other->bots.change(id, std::move(sent), {}, audit_actor::system("them"))));
    }
    json_object stored() { return ours->find(model::bots, store::by_id(id)).value(); }
    std::int64_t version() { return wire::int_at(stored(), "version"); }

    cxb::test::scratch_dir scratch;
    server::api_settings settings;
    net::event_loops loops{1};
    hooked_clock time;
    std::optional<store_beside> ours;
    std::optional<store_beside> theirs;
    std::optional<writer> mine;
    std::optional<writer> other;
    std::string id;
};

TEST_F(BotsInterleaved, ACampaignThatStartsMeanwhileLocksOutAnEdit) {
    time.between = [&] { EXPECT_TRUE(theirs->start_campaign("c1", id).applied); };
    auto const refused = put({{"description", "two"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason(), "bot_locked");
    EXPECT_EQ(version(), 1);
    EXPECT_EQ(wire::text_at(stored(), "description"), "one");
}

TEST_F(BotsInterleaved, ACampaignThatStartsMeanwhileLocksOutARestore) {
    ASSERT_TRUE(put({{"description", "two"}}));
    time.between = [&] { EXPECT_TRUE(theirs->start_campaign("c1", id).applied); };
    auto const refused = ours->run(mine->bots.restore(id, 1, audit_actor::system("me")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason(), "bot_locked");
    EXPECT_EQ(version(), 2);
}

// The deletion asks for the time once before it looks.
TEST_F(BotsInterleaved, WhoBeginsToUseABotMeanwhileKeepsItFromBeingDeleted) {
    time.between = [&] {
        time.between = [&] { EXPECT_TRUE(theirs->map_number("+912200000001", id).applied); };
    };
    auto const refused = ours->run(mine->bots.remove(id, audit_actor::system("me")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason(), "bot_in_use");
    EXPECT_EQ(wire::text_at(stored(), "deleted_at"), "");
}

TEST_F(BotsInterleaved, ACampaignThatCameAndWentDoesNotDisturb) {
    time.between = [&] {
        EXPECT_TRUE(theirs->start_campaign("c1", id).applied);
        theirs->pause_campaign("c1");
    };
    ASSERT_TRUE(put({{"description", "two"}}));
    EXPECT_EQ(version(), 2);
}

TEST_F(BotsInterleaved, TheLoserMergesItsMembersOnce) {
    time.between = [&] { they_put({{"timezone", "Asia/Kolkata"}, {"description", "theirs"}}); };
    ASSERT_TRUE(put({{"opening_message", "Namaste"}}));
    auto const now = stored();
    EXPECT_EQ(wire::text_at(now, "opening_message"), "Namaste");
    EXPECT_EQ(wire::text_at(now, "timezone"), "Asia/Kolkata");
    EXPECT_EQ(wire::text_at(now, "description"), "theirs");
    EXPECT_EQ(version(), 3);
    for (int n = 1; n <= 3; ++n)
        EXPECT_TRUE(ours->find(
            model::bot_versions,
            store::all_of({store::eq("bot_id", json_value(id)), store::eq("version", n)})))
            << n;
}

TEST_F(BotsInterleaved, WhoLosesTwiceIsTold) {
    time.between = [&] {
        they_put({{"description", "b"}});
        time.between = [&] { they_put({{"description", "c"}}); };
    };
    auto const refused = put({{"opening_message", "Namaste"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::conflict);
    EXPECT_EQ(refused.error().reason(), "version_conflict");
    EXPECT_EQ(wire::text_at(stored(), "opening_message"), "");
    EXPECT_EQ(version(), 3);
}

TEST_F(BotsInterleaved, WhoNamedAVersionIsNotMerged) {
    time.between = [&] { they_put({{"description", "theirs"}}); };
    auto const refused = put({{"opening_message", "Namaste"}}, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::precondition_failed);
    EXPECT_EQ(refused.error().reason(), "version_conflict");
    EXPECT_EQ(wire::text_at(stored(), "opening_message"), "");
}

TEST_F(BotsInterleaved, ABotThatIsDeletedMeanwhileIsNotFound) {
    time.between = [&] {
        EXPECT_TRUE(theirs->run(other->bots.remove(id, audit_actor::system("them"))));
    };
    auto const refused = put({{"description", "two"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::not_found);
}

// By two processes: the name that was free is taken in between.
TEST_F(BotsInterleaved, TwoCopiesNeverShareAName) {
    auto const copy = [&](store_beside& store, writer& by) {
        return store.run(by.bots.clone(id, {}, audit_actor::system("test"))).value().bot->bot.name;
    };
    std::string theirs_name;
    time.between = [&] { theirs_name = copy(*theirs, *other); };
    EXPECT_EQ(copy(*ours, *mine), "A (Copy 2)");
    EXPECT_EQ(theirs_name, "A (Copy)");
}

}  // namespace
}  // namespace cxb::api::test
