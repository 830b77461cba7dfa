// Makers of caches that are slow, die or are overtaken (spec 20 §10): who waits for them, how long,
// and what becomes of what they made.
#include <future>

#include "server/api/prompt_cache_kit.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

// A bot whose cache is gone, and 300 ms of patience.
struct PromptCacheMakers : prompt_cache_test {
    std::string id;
    void SetUp() override {
        EXPECT_EQ(surroundings.cache_wait, 20s);
        surroundings.cache_wait = 300ms;
        start();
        id = cached_bot();
        pass(61s);
    }
    std::future<answer> begin() {
        auto asking =
            std::async(std::launch::async, [this] { return recreate(id, "cachedContents/c1"); });
        EXPECT_TRUE(eventually([&] { return google.count() == 2; }));
        return asking;
    }
    // Another process has the right to make it until then.
    void give_lease_away(time_point until) {
        auto changes = store::update{};
        changes.set("owner", "other")
            .set("lease_until", json_value(format_timestamp(until)))
            .inc("fence", 1);
        EXPECT_TRUE(beside()
                        .run(beside()->update_one(model::system_runtime,
                                                  store::by_id("live_prompt_cache:" + id), changes))
                        .value());
    }
    // What another process wrote about its cache.
    void write_state(char const* status, char const* name) {
        auto changes = store::update{};
        changes.set("live_prompt_cache_state.status", status)
            .set("live_prompt_cache_state.cache_name", name)
            .inc("state_rev", 1);
        EXPECT_TRUE(
            beside().run(beside()->update_one(model::bots, store::by_id(id), changes)).value());
    }
    void expect_refusal(answer const& got, std::string const& detail) {
        EXPECT_EQ(got.status, 502) << got.body;
        EXPECT_EQ(got.text("code"), "provider_error");
        EXPECT_EQ(got.text("detail"), detail);
    }
};

TEST_F(PromptCacheMakers, NobodyWaitsLongerForAnothersCreationThanHisTime) {
    google.hold();
    auto first = begin();
    auto const began = std::chrono::steady_clock::now();
    auto const others =
        at_once(3, [&](std::size_t) { return recreation(url(), id, "cachedContents/c1"); });
    EXPECT_GE(std::chrono::steady_clock::now() - began, surroundings.cache_wait);
    for (auto const& one : others)
        expect_refusal(one, "The cache is still being made");
    google.release();
    EXPECT_EQ(first.get().text("cached_content_name"), "cachedContents/c2");
    EXPECT_EQ(recreate(id, "cachedContents/c1").text("cached_content_name"), "cachedContents/c2");
    EXPECT_EQ(google.count(), 2U);
}

// Between marking it and writing what it got: all there is of it are its lease and its mark.
TEST_F(PromptCacheMakers, OneThatDiedIsFollowedWhenItsLeaseEnds) {
    give_lease_away(clock.now() + 60s);
    write_state("creating", "");
    auto const began = std::chrono::steady_clock::now();
    expect_refusal(recreate(id, "cachedContents/c1"), "The cache is still being made");
    EXPECT_GE(std::chrono::steady_clock::now() - began, surroundings.cache_wait);
    EXPECT_EQ(told(id), "") << "calls go on without";
    EXPECT_EQ(google.count(), 1U);
    pass(61s);
    EXPECT_EQ(recreate(id, "cachedContents/c1").text("cached_content_name"), "cachedContents/c2");
    EXPECT_EQ(told(id), "cachedContents/c2");
    EXPECT_EQ(google.count(), 2U);
    // What the dead one may have made ends by itself.
    EXPECT_NE(google.creations().at(0).body.find(R"("ttl":"90000s")"), std::string::npos);
}

TEST_F(PromptCacheMakers, OneThatWasOvertakenChangesNothingAndDeletesWhatItMade) {
    google.hold();
    auto asking = begin();
    give_lease_away(clock.now() + 60s);
    write_state("ready", "cachedContents/other");
    google.release();
    expect_refusal(asking.get(), "Another process has taken over");
    EXPECT_EQ(wire::text_at(state(id), "cache_name"), "cachedContents/other");
    EXPECT_EQ(status(id), "ready");
    ASSERT_EQ(google.deletions().size(), 1U);
    EXPECT_EQ(google.deletions().at(0).path, "/v1beta/cachedContents/c2");
    EXPECT_EQ(events(id), (std::vector<std::string>{"creating", "created", "creating"}));
}

TEST_F(PromptCacheMakers, OneThatIsHeldUpLongerThanItsLeaseWritesNothing) {
    google.hold();
    auto asking = begin();
    clock.advance(60s);
    google.release();
    expect_refusal(asking.get(), "Another process has taken over");
    EXPECT_EQ(status(id), "creating");
    ASSERT_EQ(google.deletions().size(), 1U);
    EXPECT_EQ(google.deletions().at(0).path, "/v1beta/cachedContents/c2");
    pass(1s);
    EXPECT_EQ(recreate(id, "cachedContents/c1").text("cached_content_name"), "cachedContents/c3");
}

// The provider says no to a creation whose maker lost its right: the other's word stands.
TEST_F(PromptCacheMakers, AFailureOfOneThatWasOvertakenIsNotWritten) {
    google.hold();
    google.refuse(503, "Overloaded.", "UNAVAILABLE");
    auto asking = begin();
    give_lease_away(clock.now() + 60s);
    write_state("ready", "cachedContents/other");
    google.release();
    expect_refusal(asking.get(), "status_503: Overloaded.");
    EXPECT_EQ(status(id), "ready");
    EXPECT_FALSE(state(id).contains("last_error"));
    EXPECT_TRUE(google.deletions().empty());
}

}  // namespace
}  // namespace cxb::api::test
