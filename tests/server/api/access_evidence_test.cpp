// Two at once and many wrong: bootstrap, login throttle, writers of one bot version.
#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/wire/jws.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct AccessRaces : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};

    client::outgoing_request json_request(std::string const& method, std::string const& path,
                                          json_object const& body, wire::header_list headers = {}) {
        client::outgoing_request request{url() + path, {}};
        request.message.method = method;
        request.message.headers = std::move(headers);
        request.message.headers.set("Content-Type", "application/json");
        request.message.body = wire::to_text(body);
        return request;
    }
    // A login as a trusted proxy reports it.
    answer login_from(std::string const& address, std::string const& password,
                      std::string const& email = admin_email) {
        clock.advance(1s);  // the rate limit of public routes is not the subject
        return send("POST", "/api/v1/auth/login",
                    json_object{{"email", email}, {"password", password}},
                    {{"X-Forwarded-For", address}});
    }
    void expect_throttled(answer const& got) {
        EXPECT_EQ(got.status, 429) << got.body;
        EXPECT_EQ(got.text("detail"), "Too many login attempts");
        EXPECT_TRUE(got.headers.has("Retry-After"));
    }
    void start_behind_a_proxy() {
        settings.http.trusted_proxies = {"127.0.0.0/8"};
        surroundings.time = &clock;
        start();
    }
};

TEST_F(AccessRaces, OfTwoBootstrapsOneIs201AndOne409) {  // 20-7
    settings.bootstrap = {};
    start();
    std::string const file = cxb::test::read_file(settings.data_dir + "/bootstrap-token");
    json_object body{{"token", file.substr(0, file.find('\n'))},
                     {"email", admin_email},
                     {"password", admin_password},
                     {"name", "First"}};
    auto wrong = body;
    wrong["token"] = "not-the-token";
    EXPECT_EQ(send("POST", "/api/v1/auth/bootstrap", wrong).status, 403);
    auto const got = at_once(
        2, [&](std::size_t) { return json_request("POST", "/api/v1/auth/bootstrap", body); });
    EXPECT_EQ(std::min(got[0].status, got[1].status), 201);
    EXPECT_EQ(std::max(got[0].status, got[1].status), 409);
    EXPECT_EQ(send("POST", "/api/v1/auth/bootstrap", body).status, 409);
    EXPECT_EQ(send("POST", "/api/v1/auth/bootstrap", wrong).status, 409);
    EXPECT_EQ(send("GET", "/api/v1/auth/bootstrap").json.at("needed").as_bool(), false);
}

TEST_F(AccessRaces, ThrottledHereTheAccountStaysOpenElsewhere) {  // 20-8
    start_behind_a_proxy();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login_from("203.0.113.5", "wrong-password").status, 401);
    expect_throttled(login_from("203.0.113.5", admin_password));
    EXPECT_EQ(login_from("203.0.113.6", admin_password).status, 200);
    // The other address's success clears nothing here; time does.
    expect_throttled(login_from("203.0.113.5", admin_password));
    clock.advance(15min);
    EXPECT_EQ(login_from("203.0.113.5", admin_password).status, 200);
}

TEST_F(AccessRaces, ASuccessClearsTheCountOfItsAddress) {  // 20-8
    start_behind_a_proxy();
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(login_from("203.0.113.5", "wrong-password").status, 401);
        EXPECT_EQ(login_from("203.0.113.5", admin_password).status, 200);
    }
}

TEST_F(AccessRaces, TwentyFailuresOfOneEmailCloseItEverywhere) {  // 20-8
    start_behind_a_proxy();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(login_from("203.0.113." + std::to_string(1 + i / 4), "wrong-password").status,
                  401);
    expect_throttled(login_from("198.51.100.7", admin_password));
}

TEST_F(AccessRaces, FiftyFailuresOfOneNetworkCloseItForAllEmails) {  // 20-8
    start_behind_a_proxy();
    for (int i = 0; i < 50; ++i) {
        auto const address = "2001:db8:0:1::" + std::to_string(1 + i);
        EXPECT_EQ(login_from(address, "wrong", "user" + std::to_string(i) + "@example.com").status,
                  401);
    }
    expect_throttled(login_from("2001:db8:0:1::abcd", admin_password));
    EXPECT_EQ(login_from("2001:db8:0:2::1", admin_password).status, 200);
}

TEST_F(AccessRaces, AForwardedAddressOfAStrangerDoesNotCount) {  // 20-8
    surroundings.time = &clock;
    start();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login_from("203.0.113." + std::to_string(i), "wrong-password").status, 401);
    expect_throttled(login_from("203.0.113.99", admin_password));
}

TEST_F(AccessRaces, OfTwoWritersAtOnceOneIsRefused) {  // 20-22
    start();
    std::string const at = "/api/v1/bots/" + make_bot();
    std::string const bearer = "Bearer " + token();
    auto const got = at_once(2, [&](std::size_t i) {
        return json_request("PUT", at, {{"description", "writer " + std::to_string(i)}},
                            {{"Authorization", bearer}, {"If-Match", "\"1\""}});
    });
    EXPECT_EQ(std::min(got[0].status, got[1].status), 200);
    EXPECT_EQ(std::max(got[0].status, got[1].status), 412);
    std::size_t const winner = got[0].status == 200 ? 0 : 1;
    EXPECT_EQ(got[1 - winner].text("code"), "version_conflict");
    auto const stored = admin("GET", at);
    EXPECT_EQ(stored.text("description"), "writer " + std::to_string(winner));
    EXPECT_EQ(stored.json.at("version").to_number<int>(), 2);
}

struct ForgedTokens : api_test {
    secret const key{"a-jwt-secret-of-more-than-32-bytes!!"};
    void SetUp() override {
        settings.jwt.current = key;
        start();
        auto const made = admin("POST", "/api/v1/auth/register",
                                json_object{{"email", "agent@example.com"},
                                            {"password", "a-fine-password"},
                                            {"name", "Agent"}});
        EXPECT_EQ(made.status, 201) << made.body;
    }
    // Signed with the right key.
    std::string token_for(std::string const& email, std::string const& role,
                          wire::jws_algorithm algorithm) {
        auto const now = to_epoch_ms(real_clock().now()) / 1000;
        return wire::jws_sign(algorithm, key,
                              {{"sub", email},
                               {"role", role},
                               {"name", "x"},
                               {"iat", now},
                               {"exp", now + 600},
                               {"tv", 0}})
            .value();
    }
    int settings_with(std::string const& token) {
        return send("GET", "/api/v1/settings", nullptr, {{"Authorization", "Bearer " + token}})
            .status;
    }
};

TEST_F(ForgedTokens, TheStoredRoleCountsNotTheClaim) {  // 20-11
    auto const hs256 = wire::jws_algorithm::hs256;
    EXPECT_EQ(settings_with(token_for(admin_email, "agent", hs256)), 200);
    EXPECT_EQ(settings_with(token_for("agent@example.com", "super_admin", hs256)), 403);
    EXPECT_EQ(settings_with(token_for("nobody@example.com", "super_admin", hs256)), 401);
}

TEST_F(ForgedTokens, OnlyTheConfiguredAlgorithmIsAccepted) {  // 20-10
    for (auto const other : {wire::jws_algorithm::hs384, wire::jws_algorithm::hs512})
        EXPECT_EQ(settings_with(token_for(admin_email, "super_admin", other)), 401);
    auto const good = token_for(admin_email, "super_admin", wire::jws_algorithm::hs256);
    auto const payload = good.substr(good.find('.'), good.rfind('.') - good.find('.') + 1);
    EXPECT_EQ(settings_with(to_base64url(R"({"alg":"none","typ":"JWT"})") + payload), 401);
}

struct KeyRecords : api_test {
    std::string sql(std::string const& statement) {
        auto const got = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.exit_code, 0) << got.errors;
        return got.output;
    }
};

TEST_F(KeyRecords, OnlyTheHashOfAKeyIsStored) {  // 20-14
    start();
    std::string const key = make_key();
    EXPECT_EQ(key.size(), 35U);
    stop();
    auto const file = cxb::test::read_file(settings.data_dir + "/cxb.db") +
                      cxb::test::read_file(settings.data_dir + "/cxb.db-wal");
    EXPECT_EQ(file.find(key), std::string::npos);
    EXPECT_EQ(file.find(key.substr(7)), std::string::npos);
    EXPECT_NE(file.find(sha256_hex(key)), std::string::npos);
}

TEST_F(KeyRecords, AnUnreadableExpiryRefuses) {  // 20-15
    start();
    std::string const key = make_key({{"scopes", {"calls:read"}}});
    stop();
    sql("update api_keys set doc = json_set(doc, '$.expires_at', 'next summer')");
    start();
    auto const refused = send("GET", "/api/v1/calls", nullptr, {{"X-API-Key", key}});
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.text("detail"), "API key has invalid expiry");
}

}  // namespace
}  // namespace cxb::api::test
