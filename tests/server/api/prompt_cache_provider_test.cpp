// What is said to Google about a cache, and what becomes of its answers (spec 20 §10).
#include "server/api/prompt_cache/cache_provider.hpp"

#include <boost/asio/awaitable.hpp>

#include "cxb/base/encoding.hpp"
#include "server/api/prompt_cache_kit.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

rc::tool tool_of(json_object description) {
    auto bot = parse_bot_document(json_value(
        json_object{{"name", "x"}, {"tools", wire::json_array{std::move(description)}}}));
    EXPECT_TRUE(bot) << bot.error().to_log_text();
    return bot->tools.at(0);
}

struct PromptCacheProvider : ::testing::Test {
    testing::fake_clock clock{*parse_timestamp("2026-06-05T04:00:00Z")};
    fake_google google{clock};
    net::event_loops loops{1};
    std::unique_ptr<net::http_client> client = net::http_client::create().value();
    milliseconds patience{5000};

    PromptCacheProvider() { loops.start(); }
    ~PromptCacheProvider() override { loops.stop(); }

    cache_order order(std::string const& provider = "google") {
        return {{provider, secret("sk-key"), google.url(), "", "us-central1"},
                "gemini-2.5-flash",
                "Renewals",
                "You are Asha.",
                {},
                std::chrono::hours{25}};
    }
    std::string account() {
        return wire::to_text(json_object{{"project_id", "p-1"},
                                         {"client_email", "svc@p-1.iam"},
                                         {"private_key", cxb::test::rsa_key},
                                         {"token_uri", google.url() + "/token"}});
    }
    cache_order vertex_order() {
        auto out = order("google_vertex");
        out.access.key = secret(account());
        return out;
    }
    result<made_cache> create(cache_order what) {
        result<made_cache> got = error{errc::internal};
        cache_provider provider(*client, real_clock(), patience);
        loops.run_and_wait([](cache_provider& with, cache_order wanted,
                              result<made_cache>& out) -> boost::asio::awaitable<void> {
            out = co_await with.create(std::move(wanted));
        }(provider, std::move(what), got));
        return got;
    }
    result<void> remove(cache_access access, std::string name) {
        result<void> got = error{errc::internal};
        cache_provider provider(*client, real_clock(), patience);
        loops.run_and_wait([](cache_provider& with, cache_access how, std::string what,
                              result<void>& out) -> boost::asio::awaitable<void> {
            out = co_await with.remove(std::move(how), std::move(what));
        }(provider, std::move(access), std::move(name), got));
        return got;
    }
    // Detail of the failure and whether it is hopeless.
    std::pair<std::string, bool> failure(cache_order what) {
        auto const got = create(std::move(what));
        EXPECT_FALSE(got);
        if (got) return {};
        EXPECT_EQ(got.error().to_log_text().find("sk-key"), std::string::npos);
        return {got.error().detail(), is_hopeless(got.error())};
    }
};

using fault_row = std::pair<std::string, bool>;

TEST_F(PromptCacheProvider, GeminiMakesACacheOfPromptAndTools) {
    auto wanted = order();
    wanted.tools = {
        tool_of({{"type", "function"},
                 {"kind", "http"},
                 {"function",
                  {{"name", "due_date"},
                   {"description", "When it is due"},
                   {"parameters",
                    {{"type", "object"}, {"properties", {{"loan", {{"type", "string"}}}}}}}}},
                 {"http", {{"method", "GET"}, {"url", "https://crm.example/d"}}}}),
        tool_of({{"type", "function"}, {"function", {{"name", "end_call"}}}})};
    auto const got = create(wanted);
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(got->name, "cachedContents/c1");
    EXPECT_EQ(got->expires_at, clock.now() + std::chrono::hours{25});
    auto const sent = google.creations().at(0);
    EXPECT_EQ(sent.path, "/v1beta/cachedContents");
    EXPECT_EQ(sent.headers.get("x-goog-api-key"), "sk-key");
    EXPECT_EQ(sent.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(sent.body,
              R"({"model":"models/gemini-2.5-flash","displayName":"Renewals",)"
              R"("systemInstruction":{"parts":[{"text":"You are Asha."}]},"ttl":"90000s",)"
              R"("tools":[{"functionDeclarations":[{"name":"due_date",)"
              R"("description":"When it is due","parametersJsonSchema":{"type":"object",)"
              R"("properties":{"loan":{"type":"string"}}}},{"name":"end_call"}]}]})");
}

TEST_F(PromptCacheProvider, VertexIsAskedWithATokenOfTheAccount) {
    auto const got = create(vertex_order());
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(got->name, "projects/p-1/locations/us-central1/cachedContents/c1");
    auto const token = google.tokens().at(0).body;
    EXPECT_TRUE(token.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A"));
    auto const sent = google.creations().at(0);
    EXPECT_EQ(sent.path, "/v1/projects/p-1/locations/us-central1/cachedContents");
    EXPECT_EQ(sent.headers.get("Authorization"), "Bearer ya29.t");
    EXPECT_EQ(sent.body, R"({"model":"projects/p-1/locations/us-central1/publishers/google/)"
                         R"(models/gemini-2.5-flash","displayName":"Renewals",)"
                         R"("systemInstruction":{"parts":[{"text":"You are Asha."}]},)"
                         R"("ttl":"90000s"})");
}

TEST_F(PromptCacheProvider, ProjectLocationAndBaseAreTheBlocksElseTheSystems) {
    json_object const extra{{"project_id", "p-2"}, {"location", "europe-west1"}};
    bot_entry bot;
    bot.bot.llm.emplace();
    bot.bot.llm->provider = "google_vertex";
    bot.bot.llm->extra = wire::raw_json::from_object(extra);
    system_settings system;
    system.api_keys.emplace("google_vertex", secret("json"));
    system.providers["google_vertex"] = {"openai_compatible", "https://proxy.example", "", ""};
    auto const access = cache_access_of(bot, system, "google_vertex");
    EXPECT_EQ(access.project, "p-2");
    EXPECT_EQ(access.location, "europe-west1");
    EXPECT_EQ(access.key.reveal(), "json");
    EXPECT_EQ(access.base_url, "https://proxy.example");
    bot.bot.llm->api_key = secret("own");
    bot.bot.llm->base_url = "https://own.example";
    EXPECT_EQ(cache_access_of(bot, system, "google_vertex").key.reveal(), "own");
    EXPECT_EQ(cache_access_of(bot, system, "google_vertex").base_url, "https://own.example");
    // Of a cache that another provider still holds.
    auto const former = cache_access_of(bot, system, "google");
    EXPECT_TRUE(former.key.empty());
    EXPECT_EQ(former.base_url, "");
    EXPECT_EQ(former.location, "us-central1");
}

TEST_F(PromptCacheProvider, NothingIsSentWithoutWhatItTakes) {
    auto const with = [&](auto change) {
        auto wanted = vertex_order();
        change(wanted);
        return failure(wanted);
    };
    EXPECT_EQ(with([](auto& of) { of.access.key = secret(); }), fault_row("key_missing", true));
    EXPECT_EQ(with([](auto& of) { of.model.clear(); }), fault_row("model_missing", true));
    for (char const* key : {"[]", "no json", "{}", R"({"project_id":"p","private_key":"x"})"})
        EXPECT_TRUE(with([&](auto& of) { of.access.key = secret(key); }).second) << key;
    EXPECT_EQ(with([](auto& of) { of.access.key = secret("[]"); }),
              fault_row("key_unreadable", true));
    EXPECT_EQ(with([](auto& of) { of.access.project = "../p"; }),
              fault_row("project_unreadable", true));
    for (char const* place : {"evil.example/", "a/b", "a@b", ""})
        EXPECT_EQ(with([&](auto& of) { of.access.location = place; }),
                  fault_row("location_unreadable", true));
    EXPECT_TRUE(google.creations().empty());
    EXPECT_TRUE(google.tokens().empty());
}

TEST_F(PromptCacheProvider, ARefusalIsToldInItsWordsAndWhetherItIsHopeless) {
    std::string const small =
        "Cached content is too small. total_token_count=416, min_total_token_count=1024";
    google.refuse(400, small, "INVALID_ARGUMENT");
    EXPECT_EQ(failure(order()), fault_row("status_400: " + small, true));
    google.refuse(403, "Permission denied on resource project p.", "PERMISSION_DENIED");
    EXPECT_EQ(failure(order()),
              fault_row("status_403: Permission denied on resource project p.", true));
    google.refuse(500, "Internal error.", "INTERNAL");
    EXPECT_EQ(failure(order()), fault_row("status_500: Internal error.", false));
    google.answer(503, "<html>busy</html>");
    EXPECT_EQ(failure(order()), fault_row("status_503", false));
    google.answer(302);
    EXPECT_EQ(failure(order()), fault_row("status_302", true));
    google.refuse(429, std::string(3000, 'x'), "RESOURCE_EXHAUSTED", {{"Retry-After", "17"}});
    auto const exhausted = create(order());
    ASSERT_FALSE(exhausted);
    EXPECT_FALSE(is_hopeless(exhausted.error()));
    EXPECT_EQ(exhausted.error().retry_after(), seconds{17});
    EXPECT_LT(exhausted.error().detail().size(), 500U);
}

TEST_F(PromptCacheProvider, AnAnswerThatIsNoCacheIsAFailure) {
    google.answer(200, "no json");
    EXPECT_EQ(failure(order()), fault_row("not_json", false));
    for (char const* body :
         {"[]", "{\"x\":1}", R"({"name":"cachedContents/1"})",
          R"({"name":"cachedContents/1","expireTime":"soon"})",
          R"({"name":"other/1","expireTime":"2026-06-06T00:00:00Z"})",
          R"({"name":"cachedContents/../x","expireTime":"2026-06-06T00:00:00Z"})",
          R"({"name":"projects/p/locations/l/cachedContents/1",)"
          R"("expireTime":"2026-06-06T00:00:00Z"})"}) {
        google.answer(200, body);
        EXPECT_EQ(failure(order()), fault_row("shape", false)) << body;
    }
    google.answer(200, std::string(most_cache_answer + 1, ' '));
    EXPECT_EQ(failure(order()), fault_row("too_large", false));
    google.answer(200,
                  R"({"name":"cachedContents/1","expireTime":"2026-06-06T00:00:00.123456789Z"})");
    EXPECT_EQ(format_timestamp(create(order()).value().expires_at), "2026-06-06T00:00:00.123Z");
}

TEST_F(PromptCacheProvider, NobodyThereAndNoAnswerInTimeAreTold) {
    auto gone = order();
    {
        peer const short_lived{[](wire::http_request const&, int) { return json_reply(200, ""); }};
        gone.access.base_url = short_lived.url();
    }
    EXPECT_EQ(failure(gone), fault_row("connect", false));
    cxb::test::stuck_host stuck;
    patience = milliseconds{150};
    auto late = order();
    late.access.base_url = stuck.url();
    EXPECT_EQ(failure(late), fault_row("timeout", false));
}

TEST_F(PromptCacheProvider, ATokenThatIsRefusedIsToldAsSuch) {
    google.answer_tokens(400);
    EXPECT_EQ(failure(vertex_order()), fault_row("token: status_400: Invalid JWT.", true));
    google.answer_tokens(503);
    EXPECT_FALSE(failure(vertex_order()).second);
    EXPECT_TRUE(google.creations().empty());
}

TEST_F(PromptCacheProvider, DeletingFindsThePlaceInTheName) {
    EXPECT_TRUE(remove(order().access, "cachedContents/a1"));
    EXPECT_EQ(google.deletions().at(0).path, "/v1beta/cachedContents/a1");
    EXPECT_EQ(google.deletions().at(0).headers.get("x-goog-api-key"), "sk-key");
    auto access = vertex_order().access;
    EXPECT_TRUE(remove(access, "projects/7/locations/asia-south1/cachedContents/9"));
    EXPECT_EQ(google.deletions().at(1).path,
              "/v1/projects/7/locations/asia-south1/cachedContents/9");
    EXPECT_EQ(google.deletions().at(1).headers.get("Authorization"), "Bearer ya29.t");
}

TEST_F(PromptCacheProvider, WhatIsGoneIsDeletedAndOtherFailuresAreTold) {
    for (int const status : {404, 403}) {
        google.answer_deletions(status);
        EXPECT_TRUE(remove(order().access, "cachedContents/a1")) << status;
    }
    google.answer_deletions(500);
    EXPECT_EQ(remove(order().access, "cachedContents/a1").error().detail(), "status_500");
    google.answer_tokens(403);
    EXPECT_FALSE(remove(vertex_order().access, "projects/7/locations/l/cachedContents/9"));
    auto const before = google.deletions().size();
    for (char const* name : {"", "models/x", "cachedContents/a b", "cachedContents/../../x",
                             "projects/7/locations/l/cachedContents/9"})
        EXPECT_EQ(remove(order().access, name).error().detail(), "name_unreadable") << name;
    EXPECT_EQ(google.deletions().size(), before);
}

}  // namespace
}  // namespace cxb::api::test
