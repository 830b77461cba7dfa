// Tokens and passwords over HTTP (spec 20 §2.2, §2.3): for whom a token is, and until when; what a
// change of a password needs.
#include "cxb/wire/jws.hpp"
#include "server/api/people_fixture.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* me = "/api/v1/auth/me";
constexpr char const* own_password = "/api/v1/auth/me/password";
constexpr auto hs256 = wire::jws_algorithm::hs256;

struct Tokens : people_test {
    secret const current{"the-secret-that-signs-from-now-on-01"};
    secret const previous{"the-secret-that-signed-until-lately-"};
    Tokens() {
        settings.jwt.current = current;
        settings.jwt.previous = previous;
        settings.jwt.expire = std::chrono::minutes{10};
    }
    void SetUp() override { start(); }
    json_object claims_of(std::string const& token) {
        secret const keys[] = {current};
        return wire::jws_verify(token, hs256, keys).value();
    }
    std::string signed_by(secret const& key, json_object claims) {
        claims.emplace("exp", to_epoch_ms(clock.now()) / 1000 + 60);
        return wire::jws_sign(hs256, key, claims).value();
    }
    static std::string verdict(answer const& got) {
        return std::to_string(got.status) + " " + got.text("detail");
    }
};

TEST_F(Tokens, OneOfADeletedAccountIsNotForTheNextWithItsEmail) {
    auto const first = make_user("asha@example.com", "agent");
    auto const old = token_of("asha@example.com");
    EXPECT_EQ(wire::text_at(claims_of(old), "uid"), first);
    EXPECT_EQ(admin("DELETE", at(first)).status, 200);
    auto const second = make_user("asha@example.com", "admin");
    EXPECT_NE(first, second);
    EXPECT_EQ(verdict(as(old, "GET", me)), "401 User not found or inactive");
    EXPECT_EQ(as(old, "GET", "/api/v1/users").status, 401);
    EXPECT_EQ(as(old, "POST", "/api/v1/events/ticket").status, 401);
    EXPECT_EQ(as(token_of("asha@example.com"), "GET", me).text("id"), second);
}

TEST_F(Tokens, ClaimsThatAreMissingCountAsTheBeginning) {
    make_user("asha@example.com", "agent");
    auto const bare = signed_by(current, {{"sub", "asha@example.com"}});
    EXPECT_EQ(as(bare, "GET", me).status, 200) << "version 0, nobody else's";
    EXPECT_EQ(as(bare, "POST", "/api/v1/auth/logout-all").status, 204);
    EXPECT_EQ(verdict(as(bare, "GET", me)), "401 Invalid or expired token");
    EXPECT_EQ(as(signed_by(current, {{"sub", "asha@example.com"}, {"tv", 1}}), "GET", me).status,
              200);
    EXPECT_EQ(as(signed_by(current, {{"tv", 1}}), "GET", me).status, 401);
}

TEST_F(Tokens, BothSecretsVerifyAndTheCurrentOneSigns) {
    json_object const who{{"sub", admin_email}};
    EXPECT_EQ(as(signed_by(previous, who), "GET", me).status, 200);
    EXPECT_EQ(as(signed_by(secret("another-secret-of-thirty-two-bytes!!"), who), "GET", me).status,
              401);
    auto const claims = claims_of(token());
    EXPECT_EQ(wire::text_at(claims, "sub"), admin_email);
    EXPECT_EQ(wire::text_at(claims, "role"), "super_admin");
    for (char const* name : {"name", "iat", "exp", "jti", "tv"})
        EXPECT_TRUE(claims.contains(name)) << name;
}

TEST_F(Tokens, OneEndsToTheSecond) {
    auto const in = login(admin_email, admin_password);
    EXPECT_EQ(in.json.at("expires_in").as_int64(), 600);
    EXPECT_EQ(in.headers.get("Cache-Control"), "no-store");
    auto const text = in.text("access_token");
    auto const claims = claims_of(text);
    EXPECT_EQ(claims.at("exp").as_int64() - claims.at("iat").as_int64(), 600);
    time_point const end{std::chrono::seconds{claims.at("exp").as_int64()}};
    wire::header_list const bearer{{"Authorization", "Bearer " + text}};
    clock.advance(end - clock.now() - std::chrono::milliseconds{1});
    EXPECT_EQ(api_test::send("GET", me, nullptr, bearer).status, 200);
    clock.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(verdict(api_test::send("GET", me, nullptr, bearer)), "401 Invalid or expired token");
}

TEST_F(Tokens, AChangeNeedsTheCurrentPassword) {
    make_user("asha@example.com", "agent");
    auto const token = token_of("asha@example.com");
    auto const wrong =
        as(token, "PUT", own_password,
           json_object{{"current_password", "not-the-one"}, {"new_password", "an-even-finer-one"}});
    EXPECT_EQ(verdict(wrong), "400 Current password is incorrect");
    EXPECT_EQ(wrong.text("code"), "wrong_password");
    auto const common =
        as(token, "PUT", own_password,
           json_object{{"current_password", good_password}, {"new_password", "password123"}});
    EXPECT_EQ(common.status, 422);
    EXPECT_EQ(first_pointer(common), "/new_password");
    EXPECT_EQ(as(token, "GET", me).status, 200) << "nothing has changed";
    EXPECT_EQ(login("asha@example.com").status, 200);
}

TEST_F(Tokens, ATemporaryPasswordCannotBeKept) {
    auto const id = make_user("asha@example.com", "agent");
    auto const made = admin("POST", at(id, "/reset-password")).text("temporary_password");
    auto const token = token_of("asha@example.com", made);
    json_object body{{"current_password", made}, {"new_password", made}};
    auto const kept = as(token, "PUT", own_password, body);
    EXPECT_EQ(kept.status, 422);
    EXPECT_EQ(first_pointer(kept), "/new_password");
    EXPECT_EQ(as(token, "GET", "/api/v1/settings/display").text("code"),
              "password_change_required");
    body["new_password"] = good_password;
    auto const changed = as(token, "PUT", own_password, body);
    ASSERT_EQ(changed.status, 200) << changed.body;
    auto const next = changed.text("access_token");
    EXPECT_EQ(as(next, "GET", "/api/v1/settings/display").status, 200);
    // One's own may be set again: that ends what was signed in with it.
    body = {{"current_password", good_password}, {"new_password", good_password}};
    EXPECT_EQ(as(next, "PUT", own_password, body).status, 200);
    EXPECT_EQ(as(next, "GET", me).status, 401);
}

TEST_F(Tokens, AWeakerHashIsMadeAnewAtTheNextLogin) {
    make_user("asha@example.com", "agent");
    constexpr char const* weaker =
        "$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fUiksKssJEs3K8zgGn1rkFlA+"
        "mKsuQmn4PkOPT/f2Z8";
    sql("update users set doc=json_set(doc,'$.password_hash','" + std::string(weaker) +
        "') where json_extract(doc,'$.email')='asha@example.com'");
    auto const stored = [&] {
        return sql(
            "select json_extract(doc,'$.password_hash') from users "
            "where json_extract(doc,'$.email')='asha@example.com'");
    };
    EXPECT_EQ(login("asha@example.com", "not-the-password").status, 401);
    EXPECT_EQ(stored(), std::string(weaker) + "\n");
    EXPECT_EQ(login("asha@example.com").status, 200);
    auto const renewed = stored();
    EXPECT_TRUE(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << renewed;
    EXPECT_EQ(login("asha@example.com").status, 200);
    EXPECT_EQ(stored(), renewed);
}

}  // namespace
}  // namespace cxb::api::test
