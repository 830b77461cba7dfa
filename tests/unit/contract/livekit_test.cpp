#include <gtest/gtest.h>

#include <array>

#include "cxb/base/encoding.hpp"
#include "cxb/contract/livekit/access_token.hpp"
#include "cxb/contract/livekit/livekit_event.hpp"
#include "cxb/contract/livekit/webhook.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/wire/jws.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::livekit;
using namespace std::chrono_literals;

time_point const now{seconds{1767323045}};
constexpr std::string_view body = R"({"event":"participant_joined"})";
constexpr std::string_view digest = "XtwN6xj4oqU/5cF0F0rUHPbfbnu+ldnDt0apkYXyhcY=";

api_credentials credentials(std::string key = "devkey", std::string value = "secret") {
    return {std::move(key), secret{std::move(value)}};
}
std::array<api_credentials, 1> const known{credentials()};

wire::json_object claims_of(token_request const& request) {
    auto const token = mint_token(credentials(), request, now);
    EXPECT_TRUE(token) << token.error().to_log_text();
    auto claims =
        wire::jws_verify(*token, wire::jws_algorithm::hs256, std::array{credentials().api_secret});
    EXPECT_TRUE(claims);
    return *std::move(claims);
}

std::string grants(token_request const& request) {
    return request.identity + " " + serialize(*request.video) + " " +
           std::to_string(request.ttl_seconds.count());
}

TEST(LivekitToken, Presets) {
    EXPECT_EQ(grants(worker("r")),
              R"(bot-r {"roomJoin":true,"room":"r","canPublish":true,"canSubscribe":true,)"
              R"("canPublishData":true} 21600)");
    EXPECT_EQ(grants(agent("r", "u")),
              R"(agent-u {"roomJoin":true,"room":"r","canPublish":true,"canSubscribe":true,)"
              R"("canPublishData":true} 3600)");
    EXPECT_EQ(grants(supervisor_listen("r", "u")),
              R"(listener-u {"roomJoin":true,"room":"r","canPublish":false,"canSubscribe":true,)"
              R"("canPublishData":false,"hidden":true} 900)");
    EXPECT_EQ(grants(supervisor_barge("r", "u")),
              R"(supervisor-u {"roomJoin":true,"room":"r","canPublish":true,"canSubscribe":true,)"
              R"("canPublishData":true} 900)");
    EXPECT_EQ(grants(transcriber("r")),
              R"(bot-r {"roomJoin":true,"room":"r","canPublish":false,"canSubscribe":true,)"
              R"("canPublishData":false,"hidden":true} 21600)");
    EXPECT_EQ(
        grants(whisper("s", "u")),
        R"(whisper-u {"roomJoin":true,"room":"s","canPublish":true,"canSubscribe":false} 900)");
    EXPECT_EQ(
        grants(whisper_listen("s", "u")),
        R"(agent-u {"roomJoin":true,"room":"s","canPublish":false,"canSubscribe":true} 3600)");
    EXPECT_EQ(grants(server()),
              R"(cxb-server {"roomCreate":true,"roomList":true,"roomAdmin":true} 60)");
    EXPECT_EQ(grants(server("r")),
              R"(cxb-server {"roomCreate":true,"roomList":true,"roomAdmin":true,"room":"r"} 60)");
    EXPECT_EQ(serialize(*server().sip), R"({"admin":true,"call":true})");
}

TEST(LivekitToken, VisitorsHaveANameOfTheirOwn) {
    seeded_random random{1};
    auto const one = widget_user("widget-1", random);
    auto const other = widget_user("widget-1", random);
    EXPECT_EQ(one.identity.size(), std::string("widget-user-").size() + 8);
    EXPECT_TRUE(from_hex(one.identity.substr(12)));
    EXPECT_NE(one.identity, other.identity);
    EXPECT_EQ(one.name, "Website Visitor");
    EXPECT_EQ(one.ttl_seconds, 1h);
    EXPECT_EQ(serialize(*one.video),
              R"({"roomJoin":true,"room":"widget-1","canPublish":true,"canSubscribe":true})");
}

TEST(LivekitToken, HeaderAndClaims) {
    auto request = worker("call-17");
    request.name = "Asha";
    request.metadata = "m";
    request.attributes["plan"] = "G1";
    request.sip = sip_grant{.admin = false, .call = true};
    auto const token = mint_token("devkey", secret{"secret"}, request, now + 999ms).value();
    EXPECT_EQ(from_base64url(token.substr(0, token.find('.'))).value(),
              R"({"alg":"HS256","typ":"JWT"})");
    auto const rest = token.substr(token.find('.') + 1);
    EXPECT_EQ(from_base64url(rest.substr(0, rest.find('.'))).value(),
              R"({"iss":"devkey","sub":"bot-call-17","name":"Asha","iat":1767323045,)"
              R"("nbf":1767323045,"exp":1767344645,"video":{"roomJoin":true,"room":"call-17",)"
              R"("canPublish":true,"canSubscribe":true,"canPublishData":true},)"
              R"("sip":{"call":true},"metadata":"m","attributes":{"plan":"G1"}})");
    for (auto const* name : {"name", "sip", "metadata", "attributes"})
        EXPECT_FALSE(claims_of(worker("r")).contains(name)) << name;
}

TEST(LivekitToken, WhatCannotBeSigned) {
    EXPECT_EQ(mint_token("devkey", secret{}, worker("r"), now).error().code(), errc::invalid);
    EXPECT_EQ(mint_token("", secret{"s"}, worker("r"), now).error().code(), errc::invalid);
    EXPECT_EQ(mint_token(credentials(), token_request{}, now).error().code(), errc::invalid);
    EXPECT_EQ(mint_token(credentials(), worker(""), now).error().code(), errc::invalid);
}

std::string verdict(std::string_view text, std::string_view authorization, time_point at = now,
                    std::span<api_credentials const> keys = known) {
    auto const out = verify_webhook(text, authorization, keys, at);
    if (out) return "ok";
    EXPECT_EQ(out.error().code(), errc::unauthenticated);
    return out.error().detail();
}

std::string signed_with(wire::json_object const& claims, secret const& key = secret{"secret"},
                        wire::jws_algorithm algorithm = wire::jws_algorithm::hs256) {
    return wire::jws_sign(algorithm, key, claims).value();
}

wire::json_object good_claims() {
    return {{"iss", "devkey"}, {"exp", 1767323345}, {"nbf", 1767323045}, {"sha256", digest}};
}

// 10-7
TEST(LivekitWebhook, DigestVector) {
    EXPECT_EQ(body_digest(body), digest);
}

// 10-7
TEST(LivekitWebhook, GoodOnesAreParsed) {
    auto const token = sign_webhook(body, credentials(), now).value();
    auto const event = verify_webhook(body, token, known, now);
    ASSERT_TRUE(event);
    EXPECT_TRUE(event->event == event_type::participant_joined);
    for (auto const* prefix : {"Bearer ", "bearer ", "BEARER  ", " "})
        EXPECT_EQ(verdict(body, prefix + token), "ok") << prefix;
    EXPECT_EQ(verdict(body, signed_with(good_claims())), "ok");
}

// 10-8
TEST(LivekitWebhook, MissingAuth) {
    for (auto const* none : {"", " ", "Bearer", "Bearer ", "bearer  "})
        EXPECT_EQ(verdict(body, none), "Missing auth") << none;
}

// 10-8
TEST(LivekitWebhook, TokensWithoutExpiryOrWithAnotherAlgorithm) {
    auto claims = good_claims();
    claims.erase("exp");
    EXPECT_EQ(verdict(body, signed_with(claims)), "Invalid signature");
    claims = good_claims();
    claims["exp"] = "1767323345";
    EXPECT_EQ(verdict(body, signed_with(claims)), "Invalid signature");
    auto const part = [](std::string_view text) { return to_base64url(text); };
    auto const payload = part(wire::to_text(good_claims()));
    for (auto const* header : {R"({"alg":"none","typ":"JWT"})", R"({"alg":"None"})", "{}"}) {
        EXPECT_EQ(verdict(body, part(header) + "." + payload + "."), "Invalid signature");
        auto const good = signed_with(good_claims());
        EXPECT_EQ(verdict(body, part(header) + good.substr(good.find('.'))), "Invalid signature");
    }
    for (auto const other : {wire::jws_algorithm::hs384, wire::jws_algorithm::hs512})
        EXPECT_EQ(verdict(body, signed_with(good_claims(), secret{"secret"}, other)),
                  "Invalid signature");
}

// 10-7: a flipped byte of body or token fails.
TEST(LivekitWebhook, FlippedBytes) {
    auto const token = sign_webhook(body, credentials(), now).value();
    for (std::size_t i = 0; i < body.size(); ++i) {
        std::string changed(body);
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(verdict(changed, token), "Invalid signature") << i;
    }
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_NE(verdict(body, changed), "ok") << i;
    }
}

TEST(LivekitWebhook, TimesHaveAMinuteOfLeeway) {
    auto const token = signed_with(good_claims());
    EXPECT_EQ(verdict(body, token, now - 60s), "ok");
    EXPECT_EQ(verdict(body, token, now - 61s), "Invalid signature");
    EXPECT_EQ(verdict(body, token, now + 359s), "ok");
    EXPECT_EQ(verdict(body, token, now + 360s), "Invalid signature");
    auto claims = good_claims();
    claims["nbf"] = "soon";
    EXPECT_EQ(verdict(body, signed_with(claims)), "Invalid signature");
    claims.erase("nbf");
    EXPECT_EQ(verdict(body, signed_with(claims)), "ok");
}

TEST(LivekitWebhook, OnlyKnownKeysSign) {
    std::array const two{credentials("old", "old-secret"), credentials()};
    auto const token = sign_webhook(body, credentials(), now).value();
    EXPECT_EQ(verdict(body, token, now, two), "ok");
    EXPECT_EQ(verdict(body, token, now, {}), "Invalid signature");
    EXPECT_EQ(verdict(body, sign_webhook(body, credentials("other", "secret"), now).value()),
              "Invalid signature");
    EXPECT_EQ(verdict(body, sign_webhook(body, credentials("devkey", "wrong"), now).value()),
              "Invalid signature");
    EXPECT_EQ(
        verdict(body, sign_webhook(body, credentials("old", "secret"), now).value(), now, two),
        "Invalid signature")
        << "one key's name with another's secret";
    std::array const unset{credentials("devkey", "")};
    EXPECT_EQ(verdict(body, token, now, unset), "Invalid signature");
    std::array const unnamed{credentials("", "secret")};
    auto claims = good_claims();
    claims.erase("iss");
    EXPECT_EQ(verdict(body, signed_with(claims), now, unnamed), "Invalid signature");
}

TEST(LivekitWebhook, TheDigestIsNeeded) {
    auto claims = good_claims();
    claims.erase("sha256");
    EXPECT_EQ(verdict(body, signed_with(claims)), "Invalid signature");
    claims["sha256"] = 5;
    EXPECT_EQ(verdict(body, signed_with(claims)), "Invalid signature");
    EXPECT_EQ(verdict(body, mint_token(credentials(), worker("r"), now).value()),
              "Invalid signature")
        << "an access token is no webhook token";
}

// Only what is judged good is parsed.
TEST(LivekitWebhook, BadBodiesWithAGoodSignature) {
    auto const code = [](std::string_view text) {
        auto const token = sign_webhook(text, credentials(), now).value();
        return verify_webhook(text, token, known, now).error().code();
    };
    EXPECT_EQ(code("{"), errc::malformed);
    EXPECT_EQ(code("{}"), errc::invalid);
    EXPECT_EQ(code(std::string(webhook_body + 1, ' ')), errc::too_large);
    EXPECT_EQ(verify_webhook("{", "token", known, now).error().code(), errc::unauthenticated);
    EXPECT_FALSE(sign_webhook(body, credentials("", "s"), now));
    EXPECT_FALSE(sign_webhook(body, credentials("k", ""), now));
}

TEST(LivekitEvent, SipParticipants) {
    auto const read = [](std::string_view kind) {
        auto const event = parse_livekit_event(
            R"({"event":"participant_joined","participant":{"kind":)" + std::string(kind) + "}}");
        EXPECT_TRUE(event);
        return event && is_sip(*event->participant);
    };
    EXPECT_TRUE(read("\"SIP\""));
    EXPECT_TRUE(read("3"));
    EXPECT_FALSE(read("\"STANDARD\""));
    EXPECT_FALSE(read("0"));
    EXPECT_FALSE(is_sip({}));
}

TEST(LivekitEvent, NumbersAsTextAndOtherNames) {
    EXPECT_EQ(parse_livekit_event(R"({"event":"x","createdAt":"17"})").value().createdAt, 17);
    EXPECT_EQ(parse_livekit_event(R"({"event":"x","created_at":17})").value().createdAt, 17);
    EXPECT_FALSE(parse_livekit_event(R"({"event":"x","createdAt":"soon"})").value().createdAt);
    EXPECT_EQ(parse_livekit_event(R"({"event":"zz_new"})").value().event.text(), "zz_new");
}

}  // namespace
