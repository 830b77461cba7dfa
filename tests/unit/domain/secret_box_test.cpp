#include "cxb/domain/secret_box.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::domain {
namespace {

// Bytes 0 to 31, and 32 times 255.
secret const first("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
secret const second("//////////////////////////////////////////8=");
constexpr char const* openai_place = "system_settings/system/api_keys/openai";
constexpr char const* bot_place = "bots/65f000000000000000000001/llm/api_key";

// Both made by Python's `cryptography`:
//   k = bytes(range(32)); n = bytes(range(0xa0, 0xac))
//   "enc:v1:" + sha256(k).hexdigest()[:8] + ":" +
//       b64encode(n + AESGCM(k).encrypt(n, b"sk-1234567890abcd", place)).decode()
// the second one with k = b"\xff" * 32, n = bytes(12) and a text in Devanagari; Node's
// `crypto.createCipheriv("aes-256-gcm", ...)` gives the same.
constexpr char const* openai_sealed =
    "enc:v1:630dcd29:oKGio6SlpqeoqaqrlXNRHHf4NopUUr/qNxuivRRri4QgYEvv45mMReyciK/M";
constexpr char const* bot_sealed =
    "enc:v1:af961376:AAAAAAAAAAAAAAAAJ23DH2gdILuQ5uFgHIBcNp5wyQsdCBshVfF8MDoPOA==";

// Gives the nonce of the first vector.
struct counting_random final : random_source {
    void fill(std::span<std::byte> out) override {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>(0xa0 + i);
    }
};

secret_box box_of(secret const& current, secret const& previous = secret()) {
    return secret_box::make(current, previous).value();
}

TEST(SecretBox, SealsAndOpensAsOthersDo) {
    counting_random random;
    auto const box = box_of(first, second);
    EXPECT_EQ(box.key_id(), "630dcd29");
    EXPECT_EQ(box.seal("sk-1234567890abcd", openai_place, random), openai_sealed);
    EXPECT_EQ(box.open(openai_sealed, openai_place).value(), "sk-1234567890abcd");
    EXPECT_EQ(box.open(bot_sealed, bot_place).value(), "मुंबई") << "by the previous key";
    EXPECT_TRUE(box.is_current(openai_sealed));
    EXPECT_FALSE(box.is_current(bot_sealed));
}

TEST(SecretBox, EachSealIsAnother) {
    auto const box = box_of(first);
    auto const one = box.seal("x", openai_place, system_random());
    auto const two = box.seal("x", openai_place, system_random());
    EXPECT_NE(one, two);
    EXPECT_EQ(box.open(one, openai_place).value(), box.open(two, openai_place).value());
    EXPECT_EQ(box.seal("", openai_place, system_random()), "");
    // A secret that looks sealed is a text like any other.
    auto const odd = box.seal("enc:v1:hello", openai_place, system_random());
    EXPECT_EQ(box.open(odd, openai_place).value(), "enc:v1:hello");
}

TEST(SecretBox, PlainTextsStayReadable) {
    for (auto const& box : {secret_box(), box_of(first)}) {
        EXPECT_EQ(box.open("sk-plain", openai_place).value(), "sk-plain");
        EXPECT_EQ(box.open("", openai_place).value(), "");
        EXPECT_EQ(box.open("enc:v2:x", openai_place).value(), "enc:v2:x");
    }
}

TEST(SecretBox, WithoutAKeyNothingIsSealed) {
    secret_box const box;
    EXPECT_FALSE(box.can_seal());
    EXPECT_EQ(box.key_id(), "");
    EXPECT_FALSE(box.is_current(openai_sealed));
    EXPECT_THROW((void)box.seal("x", openai_place, system_random()), std::logic_error);
    auto const readers = secret_box::make(secret(), second).value();
    EXPECT_FALSE(readers.can_seal()) << "the previous key only opens";
    EXPECT_EQ(readers.open(bot_sealed, bot_place).value(), "मुंबई");
}

TEST(SecretBox, AnUnknownKeyIsAFaultThatNamesThePlace) {
    for (auto const& box : {secret_box(), box_of(second)}) {
        auto const got = box.open(openai_sealed, openai_place);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code(), errc::corrupt_data);
        EXPECT_EQ(got.error().reason(), secret_key_unknown);
        EXPECT_NE(got.error().detail().find(openai_place), std::string::npos);
        EXPECT_EQ(got.error().to_log_text().find("oKGio6"), std::string::npos);
    }
}

TEST(SecretBox, WhatWasChangedOrMovedDoesNotOpen) {
    auto const box = box_of(first);
    std::string const whole(openai_sealed);
    for (std::size_t i = sealed_prefix.size(); i < whole.size(); ++i) {
        auto damaged = whole;
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(box.open(damaged, openai_place)) << damaged;
    }
    for (std::size_t size = sealed_prefix.size(); size < whole.size(); ++size)
        EXPECT_FALSE(box.open(whole.substr(0, size), openai_place)) << size;
    for (auto const* place : {"", "system_settings/system/api_keys/google", bot_place}) {
        auto const got = box.open(whole, place);
        ASSERT_FALSE(got) << place;
        EXPECT_EQ(got.error().reason(), secret_damaged);
    }
}

TEST(SecretBox, KeysAreBase64OfExactly32Bytes) {
    std::string const short_key = to_base64(std::string(31, 'k'));
    std::string const long_key = to_base64(std::string(33, 'k'));
    for (auto const& bad : {short_key, long_key, std::string("not base64!")}) {
        auto const one = secret_box::make(secret(bad), secret());
        ASSERT_FALSE(one) << bad;
        EXPECT_EQ(one.error().code(), errc::invalid);
        EXPECT_EQ(one.error().detail(), "key: must be base64 of 32 bytes");
        auto const other = secret_box::make(first, secret(bad));
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().detail(), "key_previous: must be base64 of 32 bytes");
        EXPECT_EQ(other.error().to_log_text().find(bad), std::string::npos);
    }
}

}  // namespace
}  // namespace cxb::domain
