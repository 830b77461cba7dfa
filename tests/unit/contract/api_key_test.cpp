#include "cxb/contract/api_key/api_key.hpp"

#include <gtest/gtest.h>

#include "cxb/base/encoding.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::api_key;

constexpr auto vector_hash = "01f38dbd4b748115502c0f875f170ab16675972770640d515938cb44ee9948cc";

// 10-7, 20-14
TEST(ApiKey, Vector) {
    auto const key = generate(from_hex("000102030405060708090a0b0c0d0e0f1011121314151617").value());
    EXPECT_EQ(key.raw.reveal(), "vx_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    EXPECT_EQ(key.raw.size(), 35U);
    EXPECT_EQ(key.prefix, "vx_AAEC");
    EXPECT_EQ(key.hash, vector_hash);
    EXPECT_EQ(lookup_hash(key.raw.reveal()), vector_hash);
}

TEST(ApiKey, Random) {
    seeded_random random{1};
    auto const one = generate(random);
    auto const other = generate(random);
    EXPECT_EQ(one.raw.size(), 35U);
    EXPECT_NE(one.hash, other.hash);
    EXPECT_THROW((void)generate("short"), std::invalid_argument);
}

TEST(ApiKey, LookUp) {
    EXPECT_EQ(lookup_hash(""), std::nullopt);
    EXPECT_TRUE(lookup_hash("other_prefix_key"));
    EXPECT_TRUE(lookup_hash(std::string(128, 'k')));
    EXPECT_EQ(lookup_hash(std::string(129, 'k')), std::nullopt);
}

std::string verdict(std::optional<api_key_record> const& record) {
    auto const now = parse_timestamp("2026-01-02T03:04:05Z").value();
    auto const out = check(record, now);
    if (out) return "ok";
    return std::string(name_of(out.error().code())) + ": " + out.error().detail();
}

// 10-9, 20-15
TEST(ApiKey, CheckOrderAndTexts) {
    EXPECT_EQ(verdict(std::nullopt), "unauthenticated: Invalid API key");
    EXPECT_EQ(verdict(api_key_record{false, "nonsense"}), "forbidden: API key is inactive");
    EXPECT_EQ(verdict(api_key_record{true, "nonsense"}), "forbidden: API key has invalid expiry");
    EXPECT_EQ(verdict(api_key_record{true, "2026-01-02T03:04:04Z"}),
              "forbidden: API key has expired");
    EXPECT_EQ(verdict(api_key_record{true, "2026-01-02T03:04:05Z"}),
              "forbidden: API key has expired");
    EXPECT_EQ(verdict(api_key_record{true, "2026-01-02T03:04:06Z"}), "ok");
    EXPECT_EQ(verdict(api_key_record{true, "2030-01-01T00:00:00"}), "ok") << "no zone is UTC";
    EXPECT_EQ(verdict(api_key_record{true, "2026-01-02T08:34:05+05:30"}),
              "forbidden: API key has expired");
    EXPECT_EQ(verdict(api_key_record{}), "ok");
    EXPECT_EQ(verdict(api_key_record{true, ""}), "ok");
}

TEST(ApiKey, MissingCredentials) {
    EXPECT_EQ(missing_credentials().code(), errc::unauthenticated);
    EXPECT_EQ(missing_credentials().detail(), "Missing credentials");
}

}  // namespace
