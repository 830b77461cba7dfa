// Tokens of pushes: asked for once, kept until shortly before they end, and every way to get none.
#include "server/api/push/oauth_tokens.hpp"

#include <gtest/gtest.h>

#include "cxb/domain/retry_schedule.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "store/run_awaitable.hpp"

namespace cxb::api {
namespace {

using namespace std::chrono_literals;
using cxb::test::run;
using cxb::test::run_all;
using domain::delivery_verdict;

class OauthTokens : public ::testing::Test {
  protected:
    static std::string grant(std::string const& token, std::string const& life = "3600") {
        return R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" + life +
               "}";
    }
    result<secret> get(oauth_client who) { return run(tokens.get(std::move(who), 5s)); }
    std::string token() {
        auto const got = get(client);
        return got ? got->reveal() : std::string(got.error().reason());
    }

    testing::fake_clock time;
    testing::scripted_transport net;
    oauth_tokens tokens{net, time};
    oauth_client const client{"https://id.example.com/token", "crm client", secret("s3cret&more"),
                              "calls.write"};
};

TEST_F(OauthTokens, TheRequestIsThatOfTheStandard) {
    net.reply(200, grant("t-1"));
    EXPECT_EQ(token(), "t-1");
    auto const calls = net.calls();
    ASSERT_EQ(calls.size(), 1U);
    auto const& sent = calls[0].request;
    EXPECT_EQ(sent.url, "https://id.example.com/token");
    EXPECT_EQ(sent.message.method, "POST");
    EXPECT_EQ(sent.message.body, "grant_type=client_credentials&scope=calls.write");
    EXPECT_EQ(sent.message.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    // base64 of `crm%20client:s3cret%26more`
    EXPECT_EQ(sent.message.headers.get("Authorization"),
              "Basic Y3JtJTIwY2xpZW50OnMzY3JldCUyNm1vcmU=");
    EXPECT_EQ(calls[0].options.max_response_bytes, oauth_tokens::max_answer);
    EXPECT_EQ(calls[0].options.total, 5s);
    net.reply(200, grant("t-2"));
    EXPECT_TRUE(get({client.token_url, client.client_id, client.client_secret, ""}));
    EXPECT_EQ(net.calls()[1].request.message.body, "grant_type=client_credentials");
}

TEST_F(OauthTokens, ATokenIsKeptUntilAMinuteBeforeItsEnd) {
    net.reply(200, grant("t-1", "600")).reply(200, grant("t-2"));
    EXPECT_EQ(token(), "t-1");
    time.advance(600s - oauth_tokens::margin - 1ms);
    EXPECT_EQ(token(), "t-1");
    time.advance(1ms);
    EXPECT_EQ(token(), "t-2");
    EXPECT_EQ(net.calls().size(), 2U);
}

TEST_F(OauthTokens, TheEndMayBeSaidInSeveralWaysOrNotAtAll) {
    net.reply(200, R"({"access_token":"text","expires_in":"120"})")
        .reply(200, R"({"access_token":"none","token_type":"bearer"})")
        .reply(200, grant("short", "60"))
        .reply(200, grant("again", "1e300"));
    EXPECT_EQ(token(), "text");
    time.advance(59s);
    EXPECT_EQ(token(), "text");
    time.advance(1s);
    EXPECT_EQ(token(), "none");
    time.advance(oauth_tokens::assumed_life - oauth_tokens::margin - 1s);
    EXPECT_EQ(token(), "none");
    time.advance(1s);
    EXPECT_EQ(token(), "short") << "good for this once, not to be kept";
    EXPECT_EQ(token(), "again");
    time.advance(24h - oauth_tokens::margin - 1s);
    EXPECT_EQ(token(), "again");
    EXPECT_EQ(net.remaining(), 0U);
}

TEST_F(OauthTokens, AnotherClientInAnyPartHasItsOwn) {
    net.otherwise([this](auto const&) {
        wire::http_response out;
        out.body = grant("t-" + std::to_string(net.calls().size()));
        return out;
    });
    EXPECT_EQ(token(), "t-1");
    oauth_client const others[] = {
        {"https://id.example.com/other", client.client_id, client.client_secret, client.scope},
        {client.token_url, "other", client.client_secret, client.scope},
        {client.token_url, client.client_id, secret("rotated"), client.scope},
        {client.token_url, client.client_id, client.client_secret, ""},
        // The same letters, cut elsewhere.
        {client.token_url, "crm clients", secret("3cret&more"), client.scope}};
    int number = 2;
    for (auto const& one : others)
        EXPECT_EQ(get(one)->reveal(), "t-" + std::to_string(number++));
    EXPECT_EQ(token(), "t-1");
}

TEST_F(OauthTokens, ManyWhoAskAtOnceShareOneRequest) {
    net.reply(200, grant("t-1", "1"));
    std::vector<store::async<secret>> asks;
    for (int i = 0; i < 20; ++i)
        asks.push_back(tokens.get(client, 5s));
    for (auto const& got : run_all(std::move(asks)))
        EXPECT_EQ(got->reveal(), "t-1") << "also one that may not be kept";
    EXPECT_EQ(net.calls().size(), 1U);
}

TEST_F(OauthTokens, AFailureIsSharedButNotKept) {
    net.reply(503).reply(200, grant("t-1"));
    std::vector<store::async<secret>> asks;
    for (int i = 0; i < 20; ++i)
        asks.push_back(tokens.get(client, 5s));
    for (auto const& got : run_all(std::move(asks)))
        EXPECT_EQ(got.error().reason(), "oauth_token: status_503");
    EXPECT_EQ(net.calls().size(), 1U);
    EXPECT_EQ(token(), "t-1");
}

TEST_F(OauthTokens, ARefusedTokenIsAskedForAnewOnce) {
    net.reply(200, grant("t-1")).reply(200, grant("t-2"));
    EXPECT_EQ(token(), "t-1");
    tokens.refuse(client, secret("t-1"));
    EXPECT_EQ(token(), "t-2");
    // Another push that was sent with the first one learns of it later.
    tokens.refuse(client, secret("t-1"));
    EXPECT_EQ(token(), "t-2");
    EXPECT_EQ(net.calls().size(), 2U);
}

TEST_F(OauthTokens, FailuresAreNamedAndJudgedLikeThoseOfThePush) {
    struct row {
        std::function<void()> script;
        char const* reason;
        delivery_verdict verdict;
    };
    using enum delivery_verdict;
    auto const status = [&](int code) { return [this, code] { net.reply(code, "{}"); }; };
    auto const fails = [&](error cause) { return [this, cause] { net.fail(cause); }; };
    auto const says = [&](std::string body) { return [this, body] { net.reply(200, body); }; };
    row const rows[] = {
        {status(401), "oauth_token: status_401", dead},
        {status(400), "oauth_token: status_400", dead},
        {status(302), "oauth_token: status_302", dead},
        {status(429), "oauth_token: status_429", retried},
        {status(500), "oauth_token: status_500", retried},
        {status(503), "oauth_token: status_503", retried},
        {fails(error{errc::unavailable}), "oauth_token: connect", retried},
        {fails(error{errc::deadline_exceeded}), "oauth_token: timeout", retried},
        {fails(error{errc::upstream_failed}.with_reason("tls")), "oauth_token: tls", retried},
        {fails(error{errc::blocked}), "oauth_token: blocked", dead},
        {fails(error{errc::too_large}), "oauth_token: too_large", dead},
        {fails(error{errc::too_large}.with_status(401)), "oauth_token: status_401", dead},
        {says("<html>"), "oauth_token: not_json", retried},
        {says("[]"), "oauth_token: not_json", retried},
        {says("{}"), "oauth_token: shape", retried},
        {says(R"({"access_token":7})"), "oauth_token: shape", retried},
        {says(R"({"access_token":"a b"})"), "oauth_token: shape", retried},
        {says(R"({"access_token":"a\r\nX: y"})"), "oauth_token: shape", retried},
        {says(R"({"access_token":"t","token_type":"mac"})"), "oauth_token: shape", retried},
        {says(grant("t", "-1")), "oauth_token: shape", retried},
        {says(grant("t", "\"soon\"")), "oauth_token: shape", retried},
        {says(grant(std::string(oauth_tokens::max_token + 1, 't'))), "oauth_token: shape", retried},
    };
    for (auto const& one : rows) {
        one.script();
        auto const got = get(client);
        ASSERT_FALSE(got) << one.reason;
        EXPECT_EQ(got.error().reason(), one.reason);
        EXPECT_EQ(domain::classify_failure(got.error()), one.verdict) << one.reason;
        EXPECT_EQ(got.error().to_log_text().find("s3cret"), std::string::npos);
    }
    EXPECT_EQ(net.remaining(), 0U);
}

TEST_F(OauthTokens, RememberedClientsAreBounded) {
    net.otherwise([](auto const&) {
        wire::http_response out;
        out.body = grant("t");
        return out;
    });
    auto const ask = [&](std::size_t i) {
        return get({client.token_url, "c" + std::to_string(i), client.client_secret, ""});
    };
    for (std::size_t i = 0; i <= oauth_tokens::max_kept; ++i)
        ASSERT_TRUE(ask(i));
    EXPECT_EQ(tokens.size(), oauth_tokens::max_kept);
    time.advance(2h);
    ASSERT_TRUE(ask(oauth_tokens::max_kept + 1));
    EXPECT_EQ(tokens.size(), 1U) << "those that have ended go first";
}

}  // namespace
}  // namespace cxb::api
