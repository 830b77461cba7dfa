#include "cxb/wire/jws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "cxb/base/encoding.hpp"
#include "tests/support/vectors.hpp"

namespace cxb::wire {
namespace {

secret const key{"0123456789abcdef0123456789abcdef"};
secret const other{"fedcba9876543210fedcba9876543210"};

json_object claims() {
    return {{"sub", "a@example.com"}, {"exp", 1000}, {"nbf", 100}};
}

TEST(Jws, SignedTokensVerifyUnderAnyGoodKey) {
    for (auto const algorithm :
         {jws_algorithm::hs256, jws_algorithm::hs384, jws_algorithm::hs512}) {
        std::string const token = jws_sign(algorithm, key, claims()).value();
        secret const both[] = {other, key};
        EXPECT_EQ(jws_verify(token, algorithm, both).value(), claims());
        secret const wrong[] = {other, secret{}};
        EXPECT_EQ(jws_verify(token, algorithm, wrong).error().code(), errc::unauthenticated);
    }
    EXPECT_FALSE(jws_sign(jws_algorithm::hs256, secret{}, claims()));
}

TEST(Jws, TheTokenDoesNotChooseTheAlgorithm) {  // 20-10, 10-8
    secret const keys[] = {key};
    std::string const hs512 = jws_sign(jws_algorithm::hs512, key, claims()).value();
    EXPECT_FALSE(jws_verify(hs512, jws_algorithm::hs256, keys));
    std::string const none =
        to_base64url(R"({"alg":"none"})") + "." + to_base64url(to_text(claims())) + ".";
    EXPECT_FALSE(jws_verify(none, jws_algorithm::hs256, keys));
}

TEST(Jws, EveryAlteredPartIsRefused) {
    secret const keys[] = {key};
    std::string const token = jws_sign(jws_algorithm::hs256, key, claims()).value();
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string altered = token;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(jws_verify(altered, jws_algorithm::hs256, keys)) << i;
    }
    for (char const* text : {"", ".", "..", "a.b", "a.b.c.d"})
        EXPECT_FALSE(jws_verify(text, jws_algorithm::hs256, keys)) << text;
    EXPECT_FALSE(jws_verify(std::string(9000, 'a'), jws_algorithm::hs256, keys));
}

TEST(Jws, TimesWithAndWithoutLeeway) {  // 10-8
    auto const at = [](int secs) { return time_point{seconds{secs}}; };
    EXPECT_TRUE(check_times(claims(), at(999), seconds{0}));
    EXPECT_FALSE(check_times(claims(), at(1000), seconds{0}));
    EXPECT_TRUE(check_times(claims(), at(1059), seconds{60}));
    EXPECT_FALSE(check_times(claims(), at(1060), seconds{60}));
    EXPECT_FALSE(check_times(claims(), at(99), seconds{0}));
    EXPECT_TRUE(check_times(claims(), at(40), seconds{60}));
    EXPECT_FALSE(check_times(json_object{{"sub", "x"}}, at(1), seconds{0}));
    EXPECT_FALSE(check_times(json_object{{"exp", -1e300}}, at(1), seconds{0}));
    EXPECT_TRUE(check_times(json_object{{"exp", 1e300}, {"nbf", -1e300}}, at(1), seconds{0}));
}

// Where the collection does not fit RFC 7515: 367 and 370 speak of padding but hold none (their
// text is that of a valid case), 372 and 373 ask to skip a character that is not base64url.
constexpr std::int64_t other_verdict[] = {367, 370, 372, 373};

// 10-7: verdicts of an independent collection. Cases with a shared HMAC key and one of our
// algorithms are judged; others are outside what this function accepts at all.
TEST(Jws, IndependentVectors) {
    auto const document =
        parse_json(cxb_test::vector_text("wycheproof/json_web_signature_test.json"));
    ASSERT_TRUE(document) << "no vectors in " << cxb_test::vectors();
    int judged = 0;
    for (auto const& group : document->at("testGroups").as_array()) {
        auto const* jwk = group.as_object().if_contains("private");
        if (jwk == nullptr || text_at(jwk->as_object(), "kty") != "oct") continue;
        auto const algorithm = parse_jws_algorithm(text_at(jwk->as_object(), "alg"));
        if (!algorithm) continue;
        secret const keys[] = {secret{from_base64url(text_at(jwk->as_object(), "k")).value()}};
        for (auto const& entry : group.at("tests").as_array()) {
            auto const& row = entry.as_object();
            if (!row.at("jws").is_string()) continue;
            bool const valid = text_at(row, "result") == "valid";
            auto const claims = jws_verify(text_at(row, "jws"), *algorithm, keys);
            // The payloads there are plain texts: who comes as far as to look at them has found
            // the signature good.
            bool const good = claims || claims.error().note() == "the claims are no JSON object";
            bool const disputed = std::ranges::find(other_verdict, row.at("tcId").as_int64()) !=
                                  std::end(other_verdict);
            EXPECT_EQ(good, valid != disputed) << row.at("tcId") << ' ' << text_at(row, "comment");
            ++judged;
        }
    }
    EXPECT_EQ(judged, 40);
}

}  // namespace
}  // namespace cxb::wire
