// A bot's live prompt cache: switched, made after a save, told to calls (spec 20 §5.2, §8, §10).
#include "server/api/fake_names.hpp"
#include "server/api/prompt_cache/live_prompt_caches.hpp"
#include "server/api/prompt_cache_kit.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct PromptCache : prompt_cache_test {};

TEST_F(PromptCache, EnablingMakesOneThatCallsAreTold) {
    start();
    auto const id = direct_bot({{"live_prompt_cache", {{"enabled", false}}}});
    auto const before = config(id);
    EXPECT_EQ(before.text("prompt_parts.cached_content_name"), "");
    EXPECT_EQ(before.text("prompt_parts.recreate_url"), "");
    auto const enabled = act(id, "enable");
    ASSERT_EQ(enabled.status, 200) << enabled.body;
    EXPECT_TRUE(enabled.json.at("enabled").as_bool());
    EXPECT_EQ(enabled.text("state.status"), "none");
    ASSERT_TRUE(comes_to(id, "ready"));
    auto const shown = shown_state(id).as_object();
    EXPECT_EQ(shown, state(id));
    EXPECT_EQ(wire::text_at(shown, "provider"), "google");
    EXPECT_EQ(wire::text_at(shown, "model"), "gemini-2.5-flash");
    EXPECT_EQ(wire::text_at(shown, "cache_name"), "cachedContents/c1");
    EXPECT_EQ(wire::text_at(shown, "static_version"), "10dffe6735a30912");
    EXPECT_EQ(wire::text_at(shown, "refreshed_by"), "save");
    EXPECT_FALSE(shown.contains("last_error"));
    auto const after = config(id);
    EXPECT_EQ(after.text("prompt_parts.cached_content_name"), "cachedContents/c1");
    EXPECT_EQ(after.text("prompt_parts.cached_content_expires_at"),
              wire::text_at(shown, "expires_at"));
    EXPECT_EQ(after.text("prompt_parts.recreate_url"),
              url() + at(id) + "/live-prompt-cache/recreate");
    EXPECT_EQ(after.text("prompt_parts.static_version"), "10dffe6735a30912");
    // Who works without caches gets the whole prompt all the same.
    EXPECT_TRUE(after.text("system_prompt").starts_with("You are Asha.\n\nCustomer: "));
    EXPECT_EQ(google.count(), 1U);
    EXPECT_EQ(google.creations().at(0).headers.get("x-goog-api-key"), "sk-key");
    EXPECT_EQ(events(id), (std::vector<std::string>{"creating", "created"}));
}

TEST_F(PromptCache, AVertexBotUsesTheSystemsAccount) {
    start();
    json_object const account{{"project_id", "p-1"},
                              {"client_email", "svc@p-1.iam"},
                              {"private_key", cxb::test::rsa_key},
                              {"token_uri", google.url() + "/token"}};
    ASSERT_EQ(admin("PUT", "/api/v1/settings/api-keys",
                    json_object{{"google_vertex", wire::to_text(account)}})
                  .status,
              200);
    auto block = llm("google_vertex");
    block.erase("api_key");
    block["extra"] = json_object{{"location", "asia-south1"}};
    // Whoever saves a bot could else have the account sent to a server of his own.
    auto const first = direct_bot({{"llm", block}});
    ASSERT_TRUE(comes_to(first, "failed"));
    EXPECT_EQ(wire::text_at(state(first), "last_error"), "key_missing");
    EXPECT_EQ(google.tokens().size(), 0U);
    json_object const entry{{"kind", "openai_compatible"}, {"base_url", google.url()}};
    auto const named =
        admin("PUT", "/api/v1/settings/providers", json_object{{"google_vertex", entry}});
    ASSERT_EQ(named.status, 200) << named.body;
    auto const id = cached_bot({{"llm", block}});
    EXPECT_EQ(told(id), "projects/p-1/locations/asia-south1/cachedContents/c1");
    EXPECT_EQ(google.tokens().size(), 1U);
}

TEST_F(PromptCache, SavingOtherPromptsMakesItStaleUntilTheNextIsThere) {
    start();
    auto const id = cached_bot();
    EXPECT_EQ(change(id, {{"description", "other"}, {"dynamic_runtime_prompt", "Hi"}}).status, 200);
    EXPECT_EQ(told(id), "cachedContents/c1") << "neither is in the cache";
    google.hold();
    auto const saved = change(id, {{"static_system_prompt", "You are Uma."}});
    EXPECT_EQ(saved.text("live_prompt_cache_state.status"), "stale");
    EXPECT_EQ(told(id), "") << "it holds another prompt";
    google.release();
    ASSERT_TRUE(comes_to(id, "ready"));
    EXPECT_EQ(told(id), "cachedContents/c2");
    EXPECT_EQ(wire::text_at(state(id), "static_version"),
              config(id).text("prompt_parts.static_version"));
    json_object const tool{{"type", "function"}, {"function", {{"name", "end_call"}}}};
    EXPECT_EQ(change(id, {{"tools", wire::json_array{tool}}}).status, 200);
    ASSERT_TRUE(eventually([&] { return told(id) == "cachedContents/c3"; }));
    EXPECT_NE(google.creations().at(2).body.find(R"("functionDeclarations":[{"name":"end_call"})"),
              std::string::npos);
    EXPECT_TRUE(google.deletions().empty()) << "the superseded one ages out";
    EXPECT_EQ(google.count(), 3U);
}

TEST_F(PromptCache, ACacheMadeForPromptsThatAreNoMoreIsDeleted) {
    start();
    google.hold();
    auto const id = direct_bot();
    ASSERT_TRUE(comes_to(id, "creating"));
    EXPECT_EQ(change(id, {{"static_system_prompt", "You are Uma."}}).status, 200);
    google.release();
    ASSERT_TRUE(comes_to(id, "ready"));
    EXPECT_EQ(told(id), "cachedContents/c2");
    ASSERT_EQ(google.deletions().size(), 1U);
    EXPECT_EQ(google.deletions().at(0).path, "/v1beta/cachedContents/c1");
}

TEST_F(PromptCache, TooSmallAPromptFailsOnceAndIsTold) {
    start();
    google.refuse(400, "Cached content is too small. total_token_count=5", "INVALID_ARGUMENT");
    auto const id = direct_bot();
    ASSERT_TRUE(comes_to(id, "failed"));
    EXPECT_EQ(wire::text_at(state(id), "last_error"),
              "status_400: Cached content is too small. total_token_count=5");
    ASSERT_TRUE(eventually([&] { return jobs_of(id) == std::vector<std::string>{"dead"}; }));
    EXPECT_EQ(google.count(), 1U);
    EXPECT_EQ(told(id), "");
    EXPECT_NE(config(id).text("prompt_parts.recreate_url"), "");
    EXPECT_EQ(events(id), (std::vector<std::string>{"creating", "failed"}));
}

TEST_F(PromptCache, ABusyProviderIsAskedAgainWhenItSaysSo) {
    start();
    google.refuse(429, "Quota.", "RESOURCE_EXHAUSTED", {{"Retry-After", "600"}});
    auto const id = direct_bot();
    ASSERT_TRUE(comes_to(id, "failed"));
    ASSERT_TRUE(eventually([&] { return jobs_of(id) == std::vector<std::string>{"queued"}; }));
    google.answer(200);
    EXPECT_EQ(google.count(), 1U);
    pass(700s);
    ASSERT_TRUE(comes_to(id, "ready"));
    EXPECT_EQ(told(id), "cachedContents/c1");
    EXPECT_FALSE(state(id).contains("last_error"));
}

TEST_F(PromptCache, AProviderThatStaysAwayIsGivenUpAfterFiveTries) {
    start();
    google.answer(503);
    auto const id = direct_bot();
    for (std::size_t tries = 1; tries < static_cast<std::size_t>(cache_refresh_attempts); ++tries) {
        ASSERT_TRUE(eventually([&] {
            return google.count() == tries && jobs_of(id) == std::vector<std::string>{"queued"};
        })) << tries;
        pass(2h);
    }
    ASSERT_TRUE(eventually([&] { return jobs_of(id) == std::vector<std::string>{"dead"}; }));
    EXPECT_EQ(google.count(), static_cast<std::size_t>(cache_refresh_attempts));
    EXPECT_EQ(status(id), "failed");
}

TEST_F(PromptCache, WithoutAKeyNobodyIsAskedAndASaveTriesAgain) {
    start();
    auto block = llm();
    block.erase("api_key");
    auto const id = direct_bot({{"llm", block}});
    ASSERT_TRUE(comes_to(id, "failed"));
    EXPECT_EQ(wire::text_at(state(id), "last_error"), "key_missing");
    EXPECT_EQ(google.count(), 0U);
    EXPECT_EQ(change(id, {{"llm", llm()}}).status, 200);
    ASSERT_TRUE(comes_to(id, "ready"));
}

TEST_F(PromptCache, ACacheThatEndsSoonIsNotBegunWith) {
    start();
    auto const id = cached_bot();
    auto const end = *parse_timestamp(wire::text_at(state(id), "expires_at"));
    clock.advance(end - clock.now() - cache_margin - 1ms);
    EXPECT_EQ(told(id), "cachedContents/c1");
    clock.advance(1ms);
    EXPECT_EQ(told(id), "");
    EXPECT_NE(config(id).text("prompt_parts.recreate_url"), "");
}

TEST_F(PromptCache, OtherProvidersHoldNothing) {
    start();
    auto const id = direct_bot({{"llm", llm("openai")}});
    EXPECT_EQ(act(id, "enable").text("state.status"), "none");
    EXPECT_TRUE(shown_state(id).is_null());
    auto const parts = config(id);
    EXPECT_TRUE(parts.json.at("prompt_parts").at("cache_enabled").as_bool());
    EXPECT_NE(parts.text("prompt_parts.prompt_cache_key"), "");
    EXPECT_EQ(parts.text("prompt_parts.recreate_url"), "");
    auto const refreshed = act(id, "refresh");
    EXPECT_EQ(refreshed.status, 200) << refreshed.body;
    EXPECT_EQ(refreshed.text("state.status"), "none");
    EXPECT_TRUE(jobs_of(id).empty());
    EXPECT_EQ(google.count(), 0U);
    // Who changes to such a provider keeps no state of the former one.
    auto const moved = cached_bot();
    auto const saved = change(moved, {{"llm", llm("openai")}});
    EXPECT_TRUE(saved.json.at("live_prompt_cache_state").is_null()) << saved.body;
}

TEST_F(PromptCache, RefreshMakesAFreshOneWithoutAnEdit) {
    start();
    auto const id = cached_bot();
    auto const version = admin("GET", at(id)).json.at("version");
    auto const fresh = act(id, "refresh");
    ASSERT_EQ(fresh.status, 200) << fresh.body;
    EXPECT_EQ(fresh.text("state.cache_name"), "cachedContents/c2");
    EXPECT_EQ(fresh.text("state.status"), "ready");
    EXPECT_EQ(fresh.text("state.refreshed_by"), admin_email);
    EXPECT_EQ(told(id), "cachedContents/c2");
    EXPECT_EQ(admin("GET", at(id)).json.at("version"), version);
    auto const audit = admin("GET", "/api/v1/audit?action=bot.live_prompt_cache_refresh");
    EXPECT_EQ(audit.json.at("items").as_array().size(), 1U) << audit.body;
    ASSERT_TRUE(beside().start_campaign("c1", id).applied);
    EXPECT_EQ(act(id, "refresh").status, 200);
    for (char const* step : {"enable", "disable"}) {
        auto const refused = act(id, step);
        EXPECT_EQ(refused.status, 409) << step;
        EXPECT_EQ(refused.text("code"), "bot_locked");
    }
}

TEST_F(PromptCache, ARefreshThatFailsIsToldAndTheFormerCacheStaysInUse) {
    start();
    auto const id = cached_bot();
    google.refuse(500, "Internal error.", "INTERNAL");
    auto const failed = act(id, "refresh");
    EXPECT_EQ(failed.status, 502);
    EXPECT_EQ(failed.text("code"), "provider_error");
    EXPECT_EQ(failed.text("detail"), "status_500: Internal error.");
    EXPECT_EQ(status(id), "failed");
    EXPECT_EQ(wire::text_at(state(id), "last_error"), "status_500: Internal error.");
    EXPECT_EQ(told(id), "cachedContents/c1");
    google.answer(200);
    EXPECT_EQ(act(id, "refresh").text("state.cache_name"), "cachedContents/c2");
}

TEST_F(PromptCache, WhatHasNoStaticPromptOfItsOwnIsRefused) {
    start();
    auto const expect = [&](answer const& got, std::string const& detail) {
        EXPECT_EQ(got.status, 409) << got.body;
        EXPECT_EQ(got.text("detail"), detail);
    };
    auto const policy = make_bot({{"conversation_policy", {{"type", "collection_recovery"}}}});
    for (char const* step : {"enable", "refresh"})
        expect(act(policy, step), "Live prompt cache is not available for policy bots");
    EXPECT_EQ(act(policy, "disable").status, 200);
    auto const plain = make_bot();
    EXPECT_EQ(act(plain, "enable").status, 200);
    expect(act(plain, "refresh"), "Static system prompt is required");
    auto const off = direct_bot({{"live_prompt_cache", {{"enabled", false}}}});
    expect(act(off, "refresh"), "Live prompt cache is not enabled");
    auto const legacy = direct_bot({{"prompt_mode", "legacy"}});
    expect(act(legacy, "refresh"), "Live prompt cache is not enabled");
    for (char const* step : {"enable", "disable", "refresh"}) {
        EXPECT_EQ(act("65f000000000000000000001", step).text("detail"), "Bot not found");
        EXPECT_EQ(send("POST", at(off) + "/live-prompt-cache/" + step, json_object{}).status, 401);
    }
    EXPECT_EQ(act(off, "warm").status, 404);
    EXPECT_EQ(google.count(), 0U);
}

TEST_F(PromptCache, EnablingAndDisablingAreEditsAndKeepTheRetention) {
    start();
    auto const id = direct_bot({{"live_prompt_cache", {{"enabled", false}, {"retention", "24h"}}}});
    EXPECT_EQ(act(id, "enable").status, 200);
    ASSERT_TRUE(comes_to(id, "ready"));
    auto const off = act(id, "disable");
    EXPECT_FALSE(off.json.at("enabled").as_bool());
    EXPECT_EQ(off.text("state.status"), "ready") << "the cleanup will see to it";
    auto const shown = admin("GET", at(id));
    EXPECT_EQ(shown.text("live_prompt_cache.retention"), "24h");
    EXPECT_EQ(shown.json.at("version").to_number<int>(), 3);
    EXPECT_FALSE(shown.json.as_object().contains("state_rev"));
    auto const served = config(id);
    EXPECT_EQ(served.text("prompt_parts.cached_content_name"), "");
    EXPECT_EQ(served.text("prompt_parts.recreate_url"), "");
    // What is still good is used again.
    EXPECT_EQ(act(id, "enable").status, 200);
    EXPECT_EQ(told(id), "cachedContents/c1");
    EXPECT_EQ(google.count(), 1U);
}

TEST_F(PromptCache, ACopyGetsACacheOfItsOwn) {
    start();
    auto const id = cached_bot();
    auto const copy = admin("POST", at(id) + "/clone", json_object{});
    ASSERT_EQ(copy.status, 201) << copy.body;
    EXPECT_TRUE(copy.json.at("live_prompt_cache_state").is_null());
    ASSERT_TRUE(comes_to(copy.text("id"), "ready"));
    EXPECT_EQ(told(copy.text("id")), "cachedContents/c2");
    EXPECT_EQ(told(id), "cachedContents/c1");
}

TEST_F(PromptCache, TheStateIsTheServersAndSurvivesARestart) {
    start();
    auto const id = cached_bot();
    change(id, {{"live_prompt_cache_state", {{"status", "ready"}, {"cache_name", "mine"}}},
                {"state_rev", 99}});
    EXPECT_EQ(told(id), "cachedContents/c1");
    restart();
    EXPECT_EQ(told(id), "cachedContents/c1");
    EXPECT_EQ(google.count(), 1U);
}

// A base that is fine when it is saved and leads inside when it is used.
struct PromptCacheOutside : prompt_cache_test {
    void SetUp() override {
        auto names = std::make_shared<fake_names>();
        names->known = {{"evil.example", {"10.0.0.1"}}};
        surroundings.names = names;
        start();
    }
};

TEST_F(PromptCacheOutside, PrivateTargetsAreNeverReached) {
    auto block = llm();
    block["base_url"] = "https://evil.example";
    auto const id = direct_bot({{"llm", block}});
    ASSERT_TRUE(comes_to(id, "failed"));
    EXPECT_EQ(wire::text_at(state(id), "last_error"), "outbound_blocked: address");
    ASSERT_TRUE(eventually([&] { return jobs_of(id) == std::vector<std::string>{"dead"}; }));
}

}  // namespace
}  // namespace cxb::api::test
