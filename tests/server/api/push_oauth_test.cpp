// Pushes with a token by client credentials (spec 21 §3.1): from the bot's block to the CRM.
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* client_secret = "hush-hush-client";

// Where nobody listens any more.
std::string left_url() {
    return peer([](wire::http_request const&, int) { return json_reply(200, "{}"); }).url();
}

struct PushOauth : api_test {
    // Gives token 1, 2, ...; refuses with `denied` when that is set.
    std::atomic<int> denied{0};
    peer issuer{[this](wire::http_request const&, int number) {
        if (denied != 0) return json_reply(denied, R"({"error":"invalid_client"})");
        return json_reply(200, R"({"access_token":"hush-hush-token-)" + std::to_string(number) +
                                   R"(","token_type":"Bearer","expires_in":3600})");
    }};
    std::atomic<int> status{200};
    std::atomic<int> refusals{0};  // 401s before anything else
    peer crm{[this](wire::http_request const&, int number) {
        return json_reply(number <= refusals ? 401 : status.load(), "{}");
    }};

    void SetUp() override { start(); }
    json_object auth() const {
        return {{"type", "oauth2_client_credentials"},
                {"token_url", issuer.url() + "/token"},
                {"client_id", "cxb-client"},
                {"client_secret", client_secret},
                {"scope", "calls.write"}};
    }
    std::string pushing_bot(json_object more = {}) {
        more["url"] = crm.url() + "/calls";
        more["auth"] = auth();
        return make_bot({{"post_call_push", more}});
    }
    std::string finished_call(std::string const& bot) {
        std::string const session = config(bot).text("session_id");
        EXPECT_EQ(post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status,
                  200);
        return session;
    }
    bool reaches(std::string const& session, std::string const& state) {
        return eventually(
            [&] { return admin("GET", "/api/v1/calls/" + session).text("push_state") == state; });
    }
    json_value job(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session + "/pushes").json.at(0);
    }
    std::string bearer(std::size_t of) const {
        return std::string(crm.requests().at(of).headers.get("Authorization"));
    }
};

TEST_F(PushOauth, PushesCarryATokenThatIsAskedForOnce) {
    auto const bot = pushing_bot();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(reaches(finished_call(bot), "delivered"));
    EXPECT_EQ(issuer.count(), 1U);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(bearer(i), "Bearer hush-hush-token-1");
    EXPECT_EQ(issuer.requests()[0].body, "grant_type=client_credentials&scope=calls.write");
}

TEST_F(PushOauth, A401IsAnsweredByOneFreshToken) {
    refusals = 1;
    auto const session = finished_call(pushing_bot());
    ASSERT_TRUE(reaches(session, "delivered"));
    ASSERT_EQ(crm.count(), 2U);
    EXPECT_EQ(bearer(0), "Bearer hush-hush-token-1");
    EXPECT_EQ(bearer(1), "Bearer hush-hush-token-2");
    auto const sent = crm.requests();
    EXPECT_EQ(sent[0].body, sent[1].body);
    EXPECT_EQ(sent[0].headers.get("webhook-id"), sent[1].headers.get("webhook-id"));
    EXPECT_EQ(wire::int_at(job(session).as_object(), "attempts"), 1);
}

TEST_F(PushOauth, A401ThatStaysIsPermanent) {
    refusals = 1000;
    auto const session = finished_call(pushing_bot());
    ASSERT_TRUE(reaches(session, "dead"));
    EXPECT_EQ(crm.count(), 2U);
    EXPECT_EQ(issuer.count(), 2U);
    EXPECT_EQ(wire::text_at(job(session).as_object(), "last_error"), "status_401");
}

TEST_F(PushOauth, AnIssuerThatDeniesIsPermanentAndNamed) {
    denied = 401;
    auto const session = finished_call(pushing_bot());
    ASSERT_TRUE(reaches(session, "dead"));
    EXPECT_EQ(crm.count(), 0U) << "nothing is sent without a token";
    EXPECT_EQ(issuer.count(), 1U);
    auto const told = job(session).as_object();
    EXPECT_EQ(wire::text_at(told, "last_error"), "oauth_token: status_401");
    auto const log = admin("GET", "/api/v1/calls/" + session).json.at("integration_log");
    EXPECT_EQ(log.at(0).at("error").as_string(), "oauth_token: status_401");
    EXPECT_EQ(log.at(0).at("status").to_number<int>(), 0);
}

// 410 of the CRM ends the push for good; 410 of somebody else does not.
TEST_F(PushOauth, AnIssuerThatIsGoneSwitchesNoPushOff) {
    denied = 410;
    auto const bot = pushing_bot();
    ASSERT_TRUE(reaches(finished_call(bot), "dead"));
    EXPECT_TRUE(
        admin("GET", "/api/v1/bots/" + bot).json.at("post_call_push").at("enabled").as_bool());
}

TEST_F(PushOauth, AnIssuerThatIsDownIsTriedAgain) {
    denied = 503;
    auto const session = finished_call(pushing_bot());
    ASSERT_TRUE(eventually([&] { return issuer.count() >= 2; }));
    denied = 0;
    ASSERT_TRUE(reaches(session, "delivered"));
    EXPECT_EQ(crm.count(), 1U);
    auto const history = job(session).at("history").as_array();
    ASSERT_GE(history.size(), 3U);
    EXPECT_EQ(history[0].at("error").as_string(), "oauth_token: status_503");
}

TEST_F(PushOauth, AnIssuerThatCannotBeReachedEndsWithItsAttempts) {
    auto block = auth();
    block["token_url"] = left_url() + "/token";
    auto const bot =
        make_bot({{"post_call_push",
                   {{"url", crm.url() + "/calls"}, {"auth", block}, {"max_attempts", 2}}}});
    auto const session = finished_call(bot);
    ASSERT_TRUE(reaches(session, "dead"));
    EXPECT_EQ(wire::text_at(job(session).as_object(), "last_error"), "oauth_token: connect");
    EXPECT_EQ(wire::int_at(job(session).as_object(), "attempts"), 2);
    EXPECT_EQ(crm.count(), 0U);
}

TEST_F(PushOauth, TheSecretIsMaskedKeptAndNowhereToBeRead) {
    auto const bot = pushing_bot();
    auto const shown = admin("GET", "/api/v1/bots/" + bot).json.at("post_call_push").at("auth");
    EXPECT_EQ(shown.at("client_secret").as_string(), "hush••••••ient");
    EXPECT_EQ(shown.at("token_url").as_string(), issuer.url() + "/token");
    EXPECT_EQ(shown.at("scope").as_string(), "calls.write");
    // What was shown may be sent back.
    json_object push{{"url", crm.url() + "/calls"}, {"auth", shown}};
    EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot, json_object{{"post_call_push", push}}).status,
              200);
    auto const session = finished_call(bot);
    ASSERT_TRUE(reaches(session, "delivered"));
    EXPECT_EQ(issuer.requests()[0].headers.get("Authorization"),
              "Basic Y3hiLWNsaWVudDpodXNoLWh1c2gtY2xpZW50");
    auto const rows =
        cxb::test::run_sqlite(settings.data_dir + "/cxb.db",
                              "select (select count(*) from jobs where doc like '%hush-hush%') + "
                              "(select count(*) from calls where doc like '%hush-hush%') + "
                              "(select count(*) from call_trace where doc like '%hush-hush%') + "
                              "(select count(*) from audit_log where doc like '%hush-hush%')");
    EXPECT_EQ(rows.output, "0\n") << rows.errors;
}

TEST_F(PushOauth, ABlockThatCannotWorkIsRefusedByItsMembers) {
    auto const refused = [&](char const* block, json_object const& with) {
        return admin("POST", "/api/v1/bots",
                     json_object{{"name", "x"},
                                 {block, {{"url", "https://crm.example.com/x"}, {"auth", with}}}});
    };
    auto const pointers = [](answer const& got) {
        std::string out;
        for (auto const& one : got.json.at("errors").as_array())
            out.append(out.empty() ? "" : " ").append(wire::text_at(one.as_object(), "pointer"));
        return out;
    };
    auto const empty = refused("post_call_push", {{"type", "oauth2_client_credentials"}});
    EXPECT_EQ(empty.status, 422);
    EXPECT_EQ(pointers(empty),
              "/post_call_push/auth/token_url /post_call_push/auth/client_id "
              "/post_call_push/auth/client_secret");
    for (char const* url : {"crm", "ftp://x.example.com/", "http://u:p@x.example.com/",
                            "http://169.254.169.254/token", "https://x.example.com/{{call.a}}"}) {
        auto with = auth();
        with["token_url"] = url;
        auto const got = refused("post_call_push", with);
        EXPECT_EQ(got.status, 422) << url;
        EXPECT_EQ(pointers(got), "/post_call_push/auth/token_url") << url << got.body;
    }
    // A caller waits for the fetch: no token is asked for in between.
    auto const fetch = refused("pre_call_fetch", auth());
    EXPECT_EQ(fetch.status, 422);
    EXPECT_EQ(pointers(fetch), "/pre_call_fetch/auth/type");
}

}  // namespace
}  // namespace cxb::api::test
