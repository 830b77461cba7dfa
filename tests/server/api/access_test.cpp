#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

struct Access : api_test {
    answer login(std::string const& password) {
        return send("POST", "/api/v1/auth/login",
                    json_object{{"email", admin_email}, {"password", password}});
    }
};

TEST_F(Access, CoreSecretUnderEverySpellingAndNothingElse) {  // 20-4, 20-5, 10-5
    settings.core_secret.previous = secret("older-secret");
    start();
    std::string const bot = make_bot();
    for (char const* name : {"X-CXBCore-Secret", "X-CXB-Core-Secret", "X-VoxCore-Secret"}) {
        for (char const* good : {"dev-secret", "older-secret"})
            EXPECT_EQ(send("GET", "/api/v1/config/" + bot, nullptr, {{name, good}}).status, 200);
        for (char const* bad : {"", "wrong"}) {
            auto const refused = send("GET", "/api/v1/config/" + bot, nullptr, {{name, bad}});
            EXPECT_EQ(refused.status, 403);
            EXPECT_EQ(refused.text("detail"), "Invalid core secret");
        }
    }
    EXPECT_EQ(admin("GET", "/api/v1/config/" + bot).status, 403);
    EXPECT_EQ(send("GET", "/api/v1/config/" + bot).status, 403);
}

TEST_F(Access, FirstAdminComesFromTheSettingsOnce) {  // 20-6
    start();
    EXPECT_EQ(login(admin_password).status, 200);
    settings.bootstrap.admin_password = secret("another-good-password");
    restart();
    EXPECT_EQ(login(admin_password).status, 200);
    EXPECT_EQ(login("another-good-password").status, 401);
}

TEST_F(Access, OfTwoBootstrapsOneWins) {  // 20-7
    settings.bootstrap = {};
    start();
    EXPECT_EQ(send("GET", "/api/v1/auth/bootstrap").json.at("needed").as_bool(), true);
    std::string const file = cxb::test::read_file(settings.data_dir + "/bootstrap-token");
    std::string const right = file.substr(0, file.find('\n'));
    EXPECT_EQ(right.size(), 32U);
    auto const body = [&](std::string const& token) {
        return wire::to_text(json_object{{"token", token},
                                         {"email", admin_email},
                                         {"password", admin_password},
                                         {"name", "First"}});
    };
    auto const got = at_once(2, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/auth/bootstrap", {}};
        request.message.method = "POST";
        request.message.headers.set("Content-Type", "application/json");
        request.message.body = body(right);
        return request;
    });
    EXPECT_EQ(std::min(got[0].status, got[1].status), 201);
    EXPECT_EQ(std::max(got[0].status, got[1].status), 409);
    EXPECT_FALSE(std::filesystem::exists(settings.data_dir + "/bootstrap-token"));
    EXPECT_EQ(login(admin_password).status, 200);
}

TEST_F(Access, SixthLoginIsRefusedEvenWithTheRightPassword) {  // 20-8
    start();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login("wrong-password-" + std::to_string(i)).status, 401);
    auto const refused = login(admin_password);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.text("detail"), "Too many login attempts");
    EXPECT_TRUE(refused.headers.has("Retry-After"));
}

TEST_F(Access, TokensOfAnotherKindAreRefused) {  // 20-10
    start();
    auto const me = [&](std::string const& token) {
        return send("GET", "/api/v1/auth/me", nullptr, {{"Authorization", "Bearer " + token}});
    };
    EXPECT_EQ(me(token()).status, 200);
    std::string altered = token();
    altered[altered.size() / 2] = altered[altered.size() / 2] == 'a' ? 'b' : 'a';
    EXPECT_EQ(me(altered).status, 401);
    EXPECT_EQ(me("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbkBleGFtcGxlLmNvbSJ9.").status, 401);
    auto const none = send("GET", "/api/v1/auth/me");
    EXPECT_EQ(none.status, 401);
    EXPECT_EQ(none.text("detail"), "Not authenticated");
}

TEST_F(Access, TheStoredRoleCountsAndPasswordChangeEndsOldTokens) {  // 20-13
    start();
    auto const made = admin(
        "POST", "/api/v1/auth/register",
        json_object{
            {"email", "Agent@Example.com"}, {"password", "a-fine-password"}, {"name", "Agent"}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("email"), "agent@example.com");
    EXPECT_EQ(made.json.as_object().contains("password_hash"), false);
    auto const signed_in =
        send("POST", "/api/v1/auth/login",
             json_object{{"email", "agent@example.com"}, {"password", "a-fine-password"}});
    wire::header_list const agent{{"Authorization", "Bearer " + signed_in.text("access_token")}};
    EXPECT_EQ(send("GET", "/api/v1/settings", nullptr, agent).status, 403);
    EXPECT_EQ(send("GET", "/api/v1/settings/display", nullptr, agent).status, 200);  // 20-18
    auto const changed = send(
        "PUT", "/api/v1/auth/me/password",
        json_object{{"current_password", "a-fine-password"}, {"new_password", "an-even-finer-one"}},
        agent);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(send("GET", "/api/v1/auth/me", nullptr, agent).status, 401);
    EXPECT_EQ(send("GET", "/api/v1/auth/me", nullptr,
                   {{"Authorization", "Bearer " + changed.text("access_token")}})
                  .status,
              200);
}

TEST_F(Access, AKeyIsShownOnceAndJudgedInOrder) {  // 20-14, 20-15, 10-9
    start();
    auto const made =
        admin("POST", "/api/v1/api-keys", json_object{{"name", "crm"}, {"scopes", {"calls:read"}}});
    ASSERT_EQ(made.status, 201);
    std::string const key = made.text("key");
    std::string const id = made.text("id");
    EXPECT_EQ(key.size(), 35U);
    auto const listed = admin("GET", "/api/v1/api-keys");
    EXPECT_EQ(listed.body.find(key), std::string::npos);
    EXPECT_EQ(listed.body.find("key_hash"), std::string::npos);
    auto const use = [&](std::string const& with) {
        return send("GET", "/api/v1/calls", nullptr, {{"X-API-Key", with}});
    };
    EXPECT_EQ(use(key).status, 200);
    EXPECT_EQ(use("vx_nothing").text("detail"), "Invalid API key");
    std::string const at = "/api/v1/api-keys/" + id;
    admin("PATCH", at, json_object{{"expires_at", "2020-01-01T00:00:00"}});
    EXPECT_EQ(use(key).text("detail"), "API key has expired");
    auto const later = admin("PATCH", at, json_object{{"expires_at", "2999-01-01T00:00:00"}});
    EXPECT_EQ(later.text("expires_at"), "2999-01-01T00:00:00.000Z");
    EXPECT_EQ(use(key).status, 200);
    admin("PATCH", at, json_object{{"is_active", false}});
    EXPECT_EQ(use(key).text("detail"), "API key is inactive");
    EXPECT_EQ(admin("PATCH", at, json_object{}).text("detail"), "Nothing to update");
    EXPECT_EQ(admin("DELETE", at).text("status"), "deleted");
    EXPECT_EQ(use(key).status, 401);
    EXPECT_EQ(admin("DELETE", at).status, 404);
    EXPECT_EQ(send("GET", "/api/v1/calls").text("detail"), "Missing credentials");
}

TEST_F(Access, ScopesAndBotsLimitAKey) {
    start();
    std::string const bot = make_bot();
    std::string const dial_only = make_key();
    auto const refused = send("GET", "/api/v1/calls", nullptr, {{"X-API-Key", dial_only}});
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.text("detail"), "API key lacks scope calls:read");
    std::string const other = make_key({{"bot_ids", {"65f000000000000000000001"}}});
    auto const wrong_bot =
        send("POST", "/api/v1/sip/dialout",
             json_object{{"bot_id", bot}, {"to_number", "+919876543210"}}, {{"X-API-Key", other}});
    EXPECT_EQ(wrong_bot.status, 403);
    EXPECT_EQ(wrong_bot.text("detail"), "API key is not allowed for this bot");
}

TEST_F(Access, EveryAuditedChangeHasARow) {
    start();
    make_bot();
    make_key();
    // Read through a second store object: what was answered is on disk.
    stop();
    auto const rows =
        cxb::test::run_sqlite(settings.data_dir + "/cxb.db",
                              "select json_extract(doc,'$.action') from audit_log order by seq");
    EXPECT_EQ(rows.output, "bootstrap\nlogin\nbot.create\napi_key.create\n") << rows.errors;
}

TEST_F(Access, SettingsMaskAndKeepSecrets) {  // 20-16, 20-17, 20-18
    start();
    auto const put = [&](json_object body) {
        return admin("PUT", "/api/v1/settings/api-keys", body);
    };
    auto const shown = put({{"openai", "sk-1234567890abcd"}});
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.text("api_keys.openai"), "sk-1••••••abcd");
    EXPECT_EQ(put({{"openai", "sk-1••••••abcd"}}).status, 200);
    auto const wrong = put({{"openai", "sk-9••••••zzzz"}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.find("masked value does not match the stored secret"), std::string::npos);
    EXPECT_EQ(put({{"openai", ""}}).json.at("api_keys").as_object().contains("openai"), false);
    auto const fleet = admin("PUT", "/api/v1/settings/fleet",
                             json_object{{"core_fleet", {"http://127.0.0.1:1/"}}});
    ASSERT_EQ(fleet.status, 200) << fleet.body;
    EXPECT_EQ(fleet.json.at("cxbcore_fleet"), fleet.json.at("core_fleet"));
    EXPECT_EQ(fleet.json.at("core_fleet").as_array()[0].as_string(), "http://127.0.0.1:1");
    EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet",
                    json_object{{"core_fleet", {"ftp://x", "http://169.254.1.1"}}})
                  .json.at("errors")
                  .as_array()
                  .size(),
              2U);
    EXPECT_EQ(
        admin("PUT", "/api/v1/settings/timezone", json_object{{"display_timezone", "Mars/One"}})
            .status,
        422);
}

}  // namespace
}  // namespace cxb::api::test
