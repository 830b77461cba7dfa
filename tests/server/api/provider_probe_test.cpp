#include "server/api/settings/provider_probe.hpp"

#include "cxb/base/encoding.hpp"
#include "server/api/settings_kit.hpp"
#include "support/rsa_key.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

system_settings with_key(std::string const& provider, std::string key) {
    system_settings out;
    out.api_keys.emplace(provider, secret(std::move(key)));
    return out;
}

time_point const now = *parse_timestamp("2026-01-02T03:04:05Z");

TEST(ProviderProbe, EachKnownProviderIsAskedInItsWay) {
    struct row {
        char const* provider;
        char const* method;
        char const* url;
        char const* header;
        char const* value;
        char const* body;
    };
    for (auto const& one : {
             row{"soniox", "GET", "https://api.soniox.com/v1/models", "Authorization", "Bearer k",
                 ""},
             row{"deepgram", "GET", "https://api.deepgram.com/v1/projects", "Authorization",
                 "Token k", ""},
             row{"openai", "GET", "https://api.openai.com/v1/models", "Authorization", "Bearer k",
                 ""},
             row{"google", "GET", "https://generativelanguage.googleapis.com/v1beta/models",
                 "x-goog-api-key", "k", ""},
             row{"elevenlabs", "GET", "https://api.elevenlabs.io/v1/user", "xi-api-key", "k", ""},
             row{"sarvam", "POST", "https://api.sarvam.ai/text-lid", "api-subscription-key", "k",
                 R"({"input":"namaste"})"},
         }) {
        auto const request = probe_request(with_key(one.provider, "k"), one.provider, now);
        ASSERT_TRUE(request) << one.provider;
        EXPECT_EQ(request->message.method, one.method) << one.provider;
        EXPECT_EQ(request->url, one.url);
        EXPECT_EQ(request->message.headers.get(one.header), one.value) << one.provider;
        EXPECT_EQ(request->message.body, one.body) << one.provider;
        EXPECT_EQ(request->url.find('?'), std::string::npos) << "no key in a URL";
    }
}

TEST(ProviderProbe, AServiceAccountAsksForAToken) {
    json_object const account{
        {"project_id", "p1"}, {"client_email", "svc@p1.iam"}, {"private_key", cxb::test::rsa_key}};
    auto const settings = with_key("google_vertex", wire::to_text(account));
    auto const request = probe_request(settings, "google_vertex", now);
    ASSERT_TRUE(request) << request.error().to_log_text();
    EXPECT_EQ(request->url, "https://oauth2.googleapis.com/token");
    EXPECT_EQ(request->message.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    auto const& body = request->message.body;
    std::string const start =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    ASSERT_TRUE(body.starts_with(start)) << body;
    auto const first = body.find('.');
    auto const last = body.rfind('.');
    EXPECT_EQ(from_base64url(body.substr(start.size(), first - start.size())).value(),
              R"({"alg":"RS256","typ":"JWT"})");
    EXPECT_EQ(from_base64url(body.substr(first + 1, last - first - 1)).value(),
              R"({"iss":"svc@p1.iam","scope":"https://www.googleapis.com/auth/cloud-platform",)"
              R"("aud":"https://oauth2.googleapis.com/token","iat":1767323045,"exp":1767323645})");
    EXPECT_EQ(from_base64url(body.substr(last + 1)).value().size(), 128U);
}

TEST(ProviderProbe, SaysWhyThereIsNothingToSend) {
    EXPECT_EQ(probe_request({}, "openai", now).error().reason(), "key_missing");
    EXPECT_EQ(probe_request(with_key("nobody", "k"), "nobody", now).error().code(),
              errc::not_found);
    for (auto const* account : {"", "[]", "{}", R"({"private_key":"x","client_email":"y"})"})
        EXPECT_EQ(probe_request(with_key("google_vertex", account), "google_vertex", now)
                      .error()
                      .reason(),
                  "key_unreadable")
            << account;
}

// A provider of the kind that anyone may run stands in; known ones differ in their row alone.
struct ProviderTest : settings_test {
    std::atomic<int> status{200};
    peer provider{[this](wire::http_request const& request, int) {
        bool const right = request.headers.get("Authorization") == "Bearer sk-right" &&
                           request.path == "/v1/models" && request.method == "GET";
        return json_reply(right ? status.load() : 401, R"({"data":[{"id":"a"}]})");
    }};
    void SetUp() override { start(); }
    void knows(std::string const& name, std::string const& base, std::string const& key) {
        auto const made =
            put("providers", {{name, {{"kind", "openai_compatible"}, {"base_url", base}}}});
        ASSERT_EQ(made.status, 200) << made.body;
        ASSERT_EQ(put("api-keys", {{name, key}}).status, 200);
    }
    answer test(std::string const& name) {
        return admin("POST", "/api/v1/settings/api-keys/" + name + "/test");
    }
};

TEST_F(ProviderTest, ARightKeyWorksAndAWrongOneIsNamed) {
    knows("mine", provider.url() + "/v1/", "sk-right");
    auto const right = test("mine");
    ASSERT_EQ(right.status, 200) << right.body;
    EXPECT_TRUE(right.json.at("ok").as_bool());
    EXPECT_GE(right.json.at("latency_ms").to_number<int>(), 0);
    EXPECT_FALSE(right.json.as_object().contains("error"));
    ASSERT_EQ(put("api-keys", {{"mine", "sk-wrong"}}).status, 200);
    auto const wrong = test("mine");
    EXPECT_EQ(wrong.status, 200);
    EXPECT_FALSE(wrong.json.at("ok").as_bool());
    EXPECT_EQ(wrong.text("error"), "status_401");
    EXPECT_EQ(wrong.body.find("sk-wrong"), std::string::npos);
    status = 500;
    put("api-keys", {{"mine", "sk-right"}});
    EXPECT_EQ(test("mine").text("error"), "status_500");
    EXPECT_EQ(provider.count(), 3U);
}

TEST_F(ProviderTest, AnEntryCountsBeforeAKnownProviderOfItsName) {
    knows("openai", provider.url() + "/v1", "sk-right");
    EXPECT_TRUE(test("openai").json.at("ok").as_bool());
}

TEST_F(ProviderTest, UnknownAndUnkeyedProvidersAreTold) {
    EXPECT_EQ(test("nobody").status, 404);
    EXPECT_EQ(test("deepgram").text("error"), "key_missing");
    EXPECT_FALSE(test("deepgram").json.at("ok").as_bool());
    EXPECT_EQ(send("POST", "/api/v1/settings/api-keys/openai/test").status, 401);
}

TEST_F(ProviderTest, ARedirectAndARefusedConnectionAreTold) {
    peer elsewhere{[&](wire::http_request const&, int) {
        auto out = json_reply(302, "{}");
        out.headers.set("Location", provider.url() + "/v1/models");
        return out;
    }};
    knows("moved", elsewhere.url() + "/v1", "sk-right");
    EXPECT_EQ(test("moved").text("error"), "status_302");
    EXPECT_EQ(provider.connections(), 0U);
    std::string gone;
    {
        peer const short_lived{[](wire::http_request const&, int) { return json_reply(200, ""); }};
        gone = short_lived.url();
    }
    knows("gone", gone + "/v1", "k");
    EXPECT_EQ(test("gone").text("error"), "connect");
}

TEST_F(ProviderTest, AnEndlessAnswerIsCutOff) {
    peer endless{[](wire::http_request const&, int) {
        return json_reply(200, std::string(limits::mib + 1, ' '));
    }};
    knows("endless", endless.url() + "/v1", "k");
    EXPECT_EQ(test("endless").text("error"), "too_large");
}

TEST_F(ProviderTest, AHangingProviderEndsAtItsTime) {
    cxb::test::stuck_host host;
    net::event_loops loops{1};
    auto const client = net::http_client::create().value();
    loops.start();
    auto settings = with_key("slow", "k");
    settings.providers["slow"] = {"openai_compatible", host.url() + "/v1", "", ""};
    result<probe_outcome> got = probe_outcome{};
    loops.run_and_wait([](client::transport& outbound, std::shared_ptr<system_settings const> all,
                          result<probe_outcome>& out) -> boost::asio::awaitable<void> {
        out = co_await probe_provider(outbound, real_clock(), all, "slow", milliseconds{150});
    }(*client, std::make_shared<system_settings const>(settings), got));
    loops.stop();
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->ok);
    EXPECT_EQ(got->error, "timeout");
    EXPECT_GE(got->latency_ms, milliseconds{100});
}

}  // namespace
}  // namespace cxb::api::test
