#include "cxb/contract/webhook/signature.hpp"

#include <gtest/gtest.h>

#include <array>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"
#include "tests/support/vectors.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::webhook;
using namespace std::chrono_literals;

secret const key{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="};
constexpr auto id = "msg_01jh000000000000000000000a";
constexpr std::int64_t timestamp = 1767323045;
constexpr auto body = R"({"type":"call.completed","timestamp":"2026-01-02T03:04:05.678Z",)"
                      R"("data":{"session_id":"s1"}})";
constexpr auto signature = "v1,oPmgEipnGf5LHsuSrOwpyLGSh0LLuk21NicvOxrR2iY=";
time_point const now{seconds{timestamp}};

wire::header_list headers(std::string signatures = signature) {
    return {{"webhook-id", id},
            {"Webhook-Timestamp", std::to_string(timestamp)},
            {"webhook-signature", std::move(signatures)}};
}

std::string verdict(wire::header_list const& given, std::string_view text = body,
                    time_point at = now) {
    auto const out = verify(given, text, std::array{key}, at);
    if (out) return "ok";
    EXPECT_EQ(out.error().code(), errc::unauthenticated);
    return out.error().detail();
}

// 10-7
TEST(WebhookSignature, Vector) {
    EXPECT_EQ(sign(std::array{key}, id, timestamp, body).value(), signature);
    EXPECT_EQ(verdict(headers()), "ok");
}

// 10-7
TEST(WebhookSignature, OneFlippedByteFails) {
    for (std::size_t i = 0; i < std::string_view(body).size(); ++i) {
        std::string changed = body;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(verdict(headers(), changed), "Invalid webhook signature");
    }
}

// 10-7
TEST(WebhookSignature, Tolerance) {
    EXPECT_EQ(verdict(headers(), body, now + 300s), "ok");
    EXPECT_EQ(verdict(headers(), body, now - 300s), "ok");
    EXPECT_EQ(verdict(headers(), body, now + 301s), "Webhook timestamp is too old or too new");
    EXPECT_EQ(verdict(headers(), body, now - 301s), "Webhook timestamp is too old or too new");
    auto changed = headers();
    changed.set("webhook-timestamp", "1767323046");
    EXPECT_EQ(verdict(changed), "Invalid webhook signature");
    changed.set("webhook-timestamp", "now");
    EXPECT_EQ(verdict(changed), "Invalid webhook timestamp");
    changed.set("webhook-timestamp", "99999999999999999999999");
    EXPECT_EQ(verdict(changed), "Invalid webhook timestamp");
}

TEST(WebhookSignature, AllThreeHeadersAreNeeded) {
    for (auto const* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
        auto given = headers();
        given.remove(name);
        EXPECT_EQ(verdict(given), "Missing webhook headers") << name;
    }
}

TEST(WebhookSignature, OtherVersionsAndEntriesAreSkipped) {
    std::string const digest = std::string(signature).substr(3);
    EXPECT_EQ(verdict(headers("v2," + digest)), "Invalid webhook signature");
    EXPECT_EQ(verdict(headers("v2,abc v1,AAAA  " + std::string(signature) + " v1a,x")), "ok");
    EXPECT_EQ(verdict(headers("v1,")), "Invalid webhook signature");
    EXPECT_EQ(verdict(headers(digest)), "Invalid webhook signature");
}

// 21-19
TEST(WebhookSignature, RotationSignsWithBoth) {
    seeded_random random{1};
    auto const fresh = generate_secret(random);
    wire::header_list sent;
    ASSERT_TRUE(add_headers(sent, std::array{fresh, key}, id, now + 400ms, body));
    EXPECT_EQ(sent.get("webhook-timestamp"), std::to_string(timestamp));
    auto const list = std::string(sent.get("webhook-signature"));
    EXPECT_EQ(list.substr(list.find(' ') + 1), signature) << "newest first";
    EXPECT_TRUE(verify(sent, body, std::array{fresh}, now));
    EXPECT_TRUE(verify(sent, body, std::array{key}, now));
    EXPECT_FALSE(verify(sent, body, std::array{generate_secret(random)}, now));
    EXPECT_FALSE(verify(sent, body, {}, now));
}

TEST(WebhookSignature, Secrets) {
    seeded_random random{1};
    auto const made = generate_secret(random);
    EXPECT_TRUE(made.reveal().starts_with("whsec_"));
    EXPECT_EQ(key_of(made).value().size(), 32U);
    EXPECT_TRUE(key_of(secret{"whsec_" + to_base64(std::string(24, 'k'))}));
    EXPECT_TRUE(key_of(secret{"whsec_" + to_base64(std::string(64, 'k'))}));
    for (auto const& bad :
         {"whsec_" + to_base64(std::string(23, 'k')), "whsec_" + to_base64(std::string(65, 'k')),
          std::string("whsec_%"), to_base64(std::string(32, 'k')), std::string()}) {
        EXPECT_EQ(key_of(secret{bad}).error().code(), errc::invalid) << bad;
        EXPECT_FALSE(sign(std::array{secret{bad}}, id, timestamp, body));
    }
    auto const made_id = make_id(now, random);
    EXPECT_TRUE(made_id.starts_with("msg_"));
    EXPECT_EQ(made_id.size(), 30U);
    EXPECT_EQ(to_lower(made_id), made_id);
}

// 10-7: keyed digests that nobody here computed
TEST(WebhookSignature, IndependentHmacVectors) {
    auto const document =
        wire::parse_json(cxb_test::vector_text("wycheproof/hmac_sha256_test.json")).value();
    int judged = 0;
    for (auto const& group : document.at("testGroups").as_array()) {
        auto const tag_bytes = static_cast<std::size_t>(group.at("tagSize").as_int64()) / 8;
        for (auto const& test : group.at("tests").as_array()) {
            auto const bytes = [&](char const* name) {
                return from_hex(std::string(test.at(name).as_string())).value();
            };
            auto const mac = hmac_sha256(bytes("key"), bytes("msg")).substr(0, tag_bytes);
            EXPECT_EQ(equal_constant_time(mac, bytes("tag")), test.at("result") == "valid")
                << test.at("tcId");
            ++judged;
        }
    }
    EXPECT_EQ(judged, document.at("numberOfTests").as_int64());
}

}  // namespace
