// The daily runs of the live prompt caches (spec 20 §10 "Scheduler").
#include "server/api/prompt_cache/cache_schedule.hpp"

#include "server/api/prompt_cache_kit.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

// In Asia/Kolkata: 07:00 is 01:30Z, 23:00 is 17:30Z. The clock begins at 09:30.
struct PromptCacheSchedule : prompt_cache_test {
    PromptCacheSchedule() {
        surroundings.cache_look = 20ms;
        settings.loop_lease = 1s;
        settings.live_prompt_cache.timezone = "Asia/Kolkata";
    }
    // Time passes until the wall clock shows this moment; lease and token have ended then.
    void pass_to(char const* moment) { pass(*parse_timestamp(moment) - clock.now()); }
    std::string last_run(char const* member) {
        auto const row = beside().find(model::system_runtime, store::by_id(cache_loop));
        return row ? std::string(wire::text_at(*row, member)) : std::string();
    }
    // The run of this moment or a later one has ended.
    bool ran(char const* member, std::string const& since) {
        return eventually([&] { return last_run(member) >= since; });
    }
    // A look that ended after this moment.
    bool looked() {
        std::string const name = "\ncxb_loop_last_run_seconds{loop=\"live_prompt_cache\"} ";
        clock.advance(2s);  // past the lease, which is taken again
        auto const now = std::chrono::floor<seconds>(clock.now()).time_since_epoch().count();
        return eventually([&] {
            auto const text = core("GET", "/metrics").body;
            auto const found = text.find(name);
            return found != std::string::npos &&
                   std::stod(text.substr(found + name.size())) >= static_cast<double>(now);
        });
    }
    // Both runs of the first day are over.
    void settle() {
        ASSERT_TRUE(ran("prewarm_at", "2026-06-05T04:00:00.000Z"));
        ASSERT_TRUE(ran("cleanup_at", "2026-06-05T04:00:00.000Z"));
    }
    std::vector<std::string> catch_ups() {
        std::vector<std::string> out;
        for (auto const& row : event_rows())
            if (wire::text_at(row, "event") == "catchup_triggered")
                out.push_back(std::string(wire::text_at(row, "run")) + " " +
                              std::string(wire::text_at(row, "due_at")));
        return out;
    }
};

TEST_F(PromptCacheSchedule, AStartThreeHoursAfterThePrewarmHourCatchesUp) {  // 20-41
    start();
    settle();
    auto const id = cached_bot();
    EXPECT_EQ(google.count(), 1U);
    stop();
    auto const before = catch_ups().size();
    pass_to("2026-06-06T04:30:00Z");  // 10:00, the last prewarm was yesterday
    start();
    ASSERT_TRUE(ran("prewarm_at", "2026-06-06T04:30:00.000Z"));
    EXPECT_EQ(google.count(), 2U);
    EXPECT_EQ(told(id), "cachedContents/c2");
    EXPECT_EQ(wire::text_at(state(id), "refreshed_by"), "prewarm");
    auto const all = catch_ups();
    ASSERT_GT(all.size(), before);
    EXPECT_NE(std::find(all.begin(), all.end(), "prewarm 2026-06-06T01:30:00.000Z"), all.end());
    // Once a day.
    restart();
    ASSERT_TRUE(looked() && looked());
    EXPECT_EQ(status(id), "ready");
    EXPECT_EQ(google.count(), 2U);
}

TEST_F(PromptCacheSchedule, ARunAtItsHourIsNoCatchUp) {
    start();
    settle();
    auto const id = cached_bot();
    auto const before = catch_ups().size();
    pass_to("2026-06-06T01:31:00Z");
    ASSERT_TRUE(ran("prewarm_at", "2026-06-06T01:31:00.000Z"));
    EXPECT_EQ(google.count(), 2U);
    EXPECT_EQ(told(id), "cachedContents/c2");
    auto const all = catch_ups();
    EXPECT_EQ(std::find(all.begin(), all.end(), "prewarm 2026-06-06T01:30:00.000Z"), all.end());
    EXPECT_LE(all.size(), before + 1) << "yesterday's cleanup";
}

TEST_F(PromptCacheSchedule, PrewarmIsForBotsThatWantACacheAndFourAtATime) {
    start();
    settle();
    std::vector<std::string> wanting;
    for (int i = 0; i < 6; ++i)
        wanting.push_back(cached_bot());
    direct_bot({{"is_active", false}});
    direct_bot({{"live_prompt_cache", {{"enabled", false}}}});
    direct_bot({{"prompt_mode", "legacy"}});
    direct_bot({{"llm", llm("openai")}});
    auto const deleted = cached_bot();
    EXPECT_EQ(admin("DELETE", at(deleted)).status, 200);
    auto const made = google.count();
    google.hold();
    pass_to("2026-06-06T01:30:00Z");
    auto const creating = [&] {
        std::size_t out = 0;
        for (auto const& id : wanting)
            out += status(id) == cache_status::creating ? 1 : 0;
        return out;
    };
    ASSERT_TRUE(eventually([&] { return creating() == caches_at_once; }));
    for (auto const& id : wanting)
        EXPECT_NE(told(id), "") << "the former one is good until the next is there";
    EXPECT_EQ(creating(), caches_at_once);
    google.release();
    ASSERT_TRUE(ran("prewarm_at", "2026-06-06T01:30:00.000Z"));
    EXPECT_EQ(google.count(), made + wanting.size());
    for (auto const& id : wanting)
        EXPECT_EQ(wire::text_at(state(id), "refreshed_by"), "prewarm");
}

TEST_F(PromptCacheSchedule, AFailedPrewarmIsNotedAndTriedAgainByAJob) {
    start();
    settle();
    auto const id = cached_bot();
    google.refuse(503, "Overloaded.", "UNAVAILABLE");
    pass_to("2026-06-06T01:30:00Z");
    ASSERT_TRUE(ran("prewarm_at", "2026-06-06T01:30:00.000Z"));
    EXPECT_EQ(status(id), "failed");
    EXPECT_EQ(told(id), "cachedContents/c1") << "it has an hour to live";
    google.answer(200);
    pass(60s);
    ASSERT_TRUE(comes_to(id, "ready"));
    EXPECT_EQ(told(id), "cachedContents/c2");
    EXPECT_EQ(last_run("prewarm_at").substr(0, 16), "2026-06-06T01:30") << "no second run";
}

// Who dies in a run, or is overtaken in it, has not run: the next holder does.
TEST_F(PromptCacheSchedule, ARunWhoseHolderLostItsLeaseIsRunAgain) {
    start();
    settle();
    auto const id = cached_bot();
    google.hold();
    pass_to("2026-06-06T01:30:00Z");
    ASSERT_TRUE(eventually([&] { return google.count() == 2; }));
    auto taken = store::update{};
    taken.set("owner", "other")
        .set("lease_until", json_value(format_timestamp(clock.now() + 1s)))
        .inc("fence", 1);
    ASSERT_TRUE(
        beside()
            .run(beside()->update_one(model::system_runtime, store::by_id(cache_loop), taken))
            .value());
    google.release();
    ASSERT_TRUE(comes_to(id, "ready"));
    EXPECT_LT(last_run("prewarm_at"), "2026-06-06");
    pass(2s);
    // Noted with the moment at which it began.
    ASSERT_TRUE(ran("prewarm_at", "2026-06-06T01:30:01.000Z"));
    EXPECT_EQ(google.count(), 2U) << "what the first one made is of this run";
}

TEST_F(PromptCacheSchedule, CleanupDeletesTheCachesOfBotsThatAreOff) {
    start();
    settle();
    auto const kept = cached_bot();
    auto const disabled = cached_bot();
    auto const inactive = cached_bot();
    auto const deleted = cached_bot();
    EXPECT_EQ(act(disabled, "disable").status, 200);
    EXPECT_EQ(change(inactive, {{"is_active", false}}).status, 200);
    EXPECT_EQ(admin("DELETE", at(deleted)).status, 200);
    EXPECT_TRUE(google.deletions().empty());
    pass_to("2026-06-05T17:30:00Z");
    ASSERT_TRUE(ran("cleanup_at", "2026-06-05T17:30:00.000Z"));
    std::vector<std::string> gone;
    for (auto const& one : google.deletions())
        gone.push_back(one.path);
    std::sort(gone.begin(), gone.end());
    EXPECT_EQ(gone,
              (std::vector<std::string>{"/v1beta/cachedContents/c2", "/v1beta/cachedContents/c3",
                                        "/v1beta/cachedContents/c4"}));
    for (auto const& id : {disabled, inactive})
        EXPECT_TRUE(shown_state(id).is_null());
    EXPECT_EQ(events(deleted),
              (std::vector<std::string>{"creating", "created", "deleting", "deleted"}));
    EXPECT_EQ(told(kept), "cachedContents/c1");
    // Who is switched on again gets another one.
    EXPECT_EQ(act(disabled, "enable").status, 200);
    ASSERT_TRUE(comes_to(disabled, "ready"));
    EXPECT_EQ(told(disabled), "cachedContents/c5");
}

TEST_F(PromptCacheSchedule, ACacheThatCouldNotBeDeletedIsTriedAgainUntilItHasEnded) {
    start();
    settle();
    auto const id = cached_bot();
    EXPECT_EQ(act(id, "disable").status, 200);
    google.answer_deletions(500);
    pass_to("2026-06-05T17:30:00Z");
    ASSERT_TRUE(ran("cleanup_at", "2026-06-05T17:30:00.000Z"));
    EXPECT_EQ(wire::text_at(state(id), "last_error"), "status_500");
    EXPECT_EQ(status(id), "stale") << "never served again";
    EXPECT_EQ(google.deletions().size(), 1U);
    pass_to("2026-06-06T17:30:00Z");
    ASSERT_TRUE(ran("cleanup_at", "2026-06-06T17:30:00.000Z"));
    EXPECT_TRUE(shown_state(id).is_null());
    EXPECT_EQ(google.deletions().size(), 1U) << "its time was over";
}

TEST_F(PromptCacheSchedule, CleanupForgetsEventsAfterThirtyDays) {
    start();
    settle();
    {
        for (auto const& [id, at] : {std::pair("old", "2026-05-06T17:29:59.999Z"),
                                     std::pair("young", "2026-05-06T17:30:00.000Z")})
            ASSERT_TRUE(beside().run(
                beside()->insert(model::live_prompt_cache_events,
                                 {{"_id", id}, {"bot_id", "b1"}, {"at", at}, {"event", id}})));
    }
    pass_to("2026-06-05T17:30:00Z");
    ASSERT_TRUE(ran("cleanup_at", "2026-06-05T17:30:00.000Z"));
    EXPECT_EQ(events("b1"), std::vector<std::string>{"young"});
}

}  // namespace
}  // namespace cxb::api::test
