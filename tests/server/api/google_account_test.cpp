#include "server/api/settings/google_account.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"
#include "support/rsa_key.hpp"

namespace cxb::api::test {
namespace {

wire::json_object account() {
    return {
        {"project_id", "p1"}, {"client_email", "svc@p1.iam"}, {"private_key", cxb::test::rsa_key}};
}

TEST(GoogleAccount, TheTokenIsAskedForWhereTheAccountSaysElseAtGoogle) {
    auto const plain = read_google_account(wire::to_text(account()));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->project_id, "p1");
    EXPECT_EQ(plain->token_url, google_token_url);
    auto document = account();
    document["token_uri"] = "https://oauth.example/token";
    auto const own = read_google_account(wire::to_text(document));
    ASSERT_TRUE(own);
    auto const request = google_token_request(*own, {});
    ASSERT_TRUE(request);
    EXPECT_EQ(request->url, "https://oauth.example/token");
    EXPECT_EQ(request->message.method, "POST");
}

TEST(GoogleAccount, WhatIsNoAccountOrDoesNotSignIsUnreadable) {
    for (char const* text : {"", "[]", "no json", "7"})
        EXPECT_EQ(read_google_account(text).error().reason(), "key_unreadable") << text;
    auto document = account();
    document["private_key"] = "x";
    auto const account = read_google_account(wire::to_text(document));
    ASSERT_TRUE(account);
    EXPECT_EQ(google_token_request(*account, {}).error().reason(), "key_unreadable");
}

TEST(GoogleAccount, AnAnswerWithoutATokenIsNone) {
    EXPECT_EQ(read_google_token(R"({"access_token":"ya29.t","expires_in":3599})")->reveal(),
              "ya29.t");
    for (char const* body : {"", "[]", "{}", R"({"access_token":""})", R"({"access_token":7})"})
        EXPECT_FALSE(read_google_token(body)) << body;
}

}  // namespace
}  // namespace cxb::api::test
