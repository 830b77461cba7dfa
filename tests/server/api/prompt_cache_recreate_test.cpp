// Workers that found their cache gone (spec 20 §10): one creation for all who ask, over all
// processes.
#include <future>

#include "server/api/prompt_cache_kit.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct PromptCacheRecreate : prompt_cache_test {};

// The names given, each with how often.
std::map<std::string, int> names_in(std::vector<answer> const& answers) {
    std::map<std::string, int> out;
    for (auto const& one : answers) {
        EXPECT_EQ(one.status, 200) << one.body;
        ++out[one.text("cached_content_name")];
    }
    return out;
}

TEST_F(PromptCacheRecreate, OneThatIsGoodIsGivenAndOneThatIsGoneIsMadeAnew) {
    start();
    auto const id = cached_bot();
    auto const first = recreate(id);
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(first.text("cached_content_name"), "cachedContents/c1");
    EXPECT_EQ(first.text("static_version"), "10dffe6735a30912");
    EXPECT_EQ(first.text("expires_at"), wire::text_at(state(id), "expires_at"));
    EXPECT_EQ(recreate(id, "cachedContents/old").text("cached_content_name"), "cachedContents/c1");
    EXPECT_EQ(google.count(), 1U);
    // Made less than a minute ago: whoever misses it has not waited long enough.
    EXPECT_EQ(recreate(id, "cachedContents/c1").text("cached_content_name"), "cachedContents/c1");
    EXPECT_EQ(google.count(), 1U);
    pass(61s);
    EXPECT_EQ(recreate(id, "cachedContents/c1").text("cached_content_name"), "cachedContents/c2");
    EXPECT_EQ(google.count(), 2U);
    EXPECT_EQ(told(id), "cachedContents/c2");
    EXPECT_EQ(wire::text_at(state(id), "refreshed_by"), "worker");
    // Near its end it is replaced, whatever is named.
    pass(25h - 4min);
    EXPECT_EQ(recreate(id, "cachedContents/old").text("cached_content_name"), "cachedContents/c3");
}

TEST_F(PromptCacheRecreate, TwentyWorkersAtOnceCauseOneCreation) {  // 20-40
    start();
    auto const id = cached_bot();
    pass(61s);
    google.hold();
    auto asking = std::async(std::launch::async, [&] {
        return at_once(20, [&](std::size_t) { return recreation(url(), id, "cachedContents/c1"); });
    });
    EXPECT_TRUE(eventually([&] { return google.count() == 2; }));
    google.release();
    auto const names = names_in(asking.get());
    EXPECT_EQ(names, (std::map<std::string, int>{{"cachedContents/c2", 20}}));
    EXPECT_EQ(google.count(), 2U);
    // Again without holding anything back: whoever comes late finds it made.
    pass(61s);
    auto const later =
        at_once(20, [&](std::size_t) { return recreation(url(), id, "cachedContents/c2"); });
    EXPECT_EQ(names_in(later), (std::map<std::string, int>{{"cachedContents/c3", 20}}));
    EXPECT_EQ(google.count(), 3U);
}

TEST_F(PromptCacheRecreate, WhileItIsGoneNobodyIsSentToIt) {
    start();
    auto const id = cached_bot();
    pass(61s);
    google.hold();
    auto asking = std::async(std::launch::async, [&] { return recreate(id, "cachedContents/c1"); });
    EXPECT_TRUE(eventually([&] { return google.count() == 2; }));
    auto const meanwhile = at_once(1, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/config/" + id, {}};
        request.message.method = "GET";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"}};
        return request;
    });
    EXPECT_EQ(meanwhile.at(0).text("prompt_parts.cached_content_name"), "");
    google.release();
    EXPECT_EQ(asking.get().text("cached_content_name"), "cachedContents/c2");
}

TEST_F(PromptCacheRecreate, AFailureIsToldToAllWhoWaited) {
    start();
    auto const id = cached_bot();
    pass(61s);
    google.hold();
    google.refuse(503, "Overloaded.", "UNAVAILABLE");
    auto asking = std::async(std::launch::async, [&] {
        return at_once(5, [&](std::size_t) { return recreation(url(), id, "cachedContents/c1"); });
    });
    EXPECT_TRUE(eventually([&] { return google.count() == 2; }));
    google.release();
    for (auto const& one : asking.get()) {
        EXPECT_EQ(one.status, 502);
        EXPECT_EQ(one.text("code"), "provider_error");
        EXPECT_EQ(one.text("detail"), "status_503: Overloaded.");
    }
    EXPECT_EQ(status(id), "failed");
    google.answer(200);
    EXPECT_EQ(recreate(id, "cachedContents/c1").status, 200) << "the next one tries again";
}

TEST_F(PromptCacheRecreate, OnlyWorkersMayAskAndOnlyForBotsWithACache) {
    start();
    auto const id = cached_bot();
    std::string const path = at(id) + "/live-prompt-cache/recreate";
    json_object const body{{"static_version", "10dffe6735a30912"}};
    EXPECT_EQ(send("POST", path, body).status, 403);
    EXPECT_EQ(admin("POST", path, body).status, 403);
    auto const faulty = core("POST", path, json_object{{"cached_content_name", 7}});
    EXPECT_EQ(faulty.status, 422) << faulty.body;
    EXPECT_EQ(faulty.json.at("errors").as_array().size(), 2U);
    EXPECT_EQ(recreate("65f000000000000000000001").text("detail"), "Bot not found");
    EXPECT_EQ(recreate("65f000000000000000000001").status, 404);
    for (auto const& off :
         {direct_bot({{"live_prompt_cache", {{"enabled", false}}}}),
          direct_bot({{"is_active", false}}), direct_bot({{"prompt_mode", "legacy"}}),
          direct_bot({{"llm", llm("openai")}})}) {
        auto const refused = recreate(off);
        EXPECT_EQ(refused.status, 409) << refused.body;
        EXPECT_EQ(refused.text("detail"), "Live prompt cache is not enabled");
    }
    EXPECT_EQ(admin("DELETE", at(id)).status, 200);
    EXPECT_EQ(recreate(id).status, 404);
    EXPECT_EQ(google.count(), 1U);
}

// Two processes on one store.
struct PromptCacheInstances : Instances {
    fake_google google{real_clock()};
    ~PromptCacheInstances() override { google.release(); }

    std::string cached_bot() {
        json_object const block{{"provider", "google"},
                                {"model", "gemini-2.5-flash"},
                                {"api_key", "sk-key"},
                                {"base_url", google.url()}};
        auto const id = a.make_bot({{"system_prompt", ""},
                                    {"static_system_prompt", "You are Asha."},
                                    {"llm", block},
                                    {"live_prompt_cache", {{"enabled", true}}}});
        EXPECT_TRUE(eventually([&] { return told(a, id) == "cachedContents/c1"; }));
        EXPECT_TRUE(eventually([&] { return told(b, id) == "cachedContents/c1"; }));
        return id;
    }
    static std::string told(instance& by, std::string const& id) {
        return by.config(id).text("prompt_parts.cached_content_name");
    }
    static client::outgoing_request recreation(std::string const& base, std::string const& id) {
        client::outgoing_request request{
            base + "/api/v1/bots/" + id + "/live-prompt-cache/recreate", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body = R"({"static_version":"10dffe6735a30912",)"
                               R"("cached_content_name":"cachedContents/gone"})";
        return request;
    }
    void make_stale(std::string const& id) {
        store_beside beside(a.settings);
        EXPECT_TRUE(beside
                        .run(beside->update_one(
                            model::bots, store::by_id(id),
                            store::update{}.set("live_prompt_cache_state.status", "stale")))
                        .value());
    }
};

TEST_F(PromptCacheInstances, TwentyWorkersOfTwoProcessesCauseOneCreation) {  // 20-40
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const id = cached_bot();
    // The cache is of no more use, and nobody knows yet.
    make_stale(id);
    google.hold();
    auto asking = std::async(std::launch::async, [&] {
        return a.at_once(
            20, [&](std::size_t i) { return recreation(i % 2 == 0 ? a.url() : b.url(), id); });
    });
    EXPECT_TRUE(eventually([&] { return google.count() == 2; }));
    google.release();
    EXPECT_EQ(names_in(asking.get()), (std::map<std::string, int>{{"cachedContents/c2", 20}}));
    EXPECT_EQ(google.count(), 2U);
    for (auto* each : {&a, &b})
        EXPECT_TRUE(eventually([&] { return told(*each, id) == "cachedContents/c2"; }));
}

TEST_F(PromptCacheInstances, AFailureElsewhereIsToldToThoseWhoWaited) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const id = cached_bot();
    make_stale(id);
    google.hold();
    google.refuse(500, "Internal error.", "INTERNAL");
    auto asking = std::async(std::launch::async, [&] {
        return a.at_once(
            2, [&](std::size_t i) { return recreation(i % 2 == 0 ? a.url() : b.url(), id); });
    });
    EXPECT_TRUE(eventually([&] { return google.count() == 2; }));
    google.release();
    for (auto const& one : asking.get()) {
        EXPECT_EQ(one.status, 502) << one.body;
        EXPECT_EQ(one.text("detail"), "status_500: Internal error.");
    }
}

}  // namespace
}  // namespace cxb::api::test
