#include "cxb/base/crypto.hpp"

#include <gtest/gtest.h>

#include "cxb/base/encoding.hpp"
#include "cxb/base/secret.hpp"
#include "support/rsa_key.hpp"

namespace cxb {
namespace {

TEST(Crypto, Sha256Fips180) {
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_stream stream;
    stream.update("a");
    stream.update("bc");
    EXPECT_EQ(to_hex(stream.finish()), sha256_hex("abc"));
}

TEST(Crypto, HmacRfc4231Case2) {
    std::string const key = "Jefe";
    std::string const data = "what do ya want for nothing?";
    EXPECT_EQ(to_hex(hmac_sha256(key, data)),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha2(384, key, data)),
              "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
              "8e2240ca5e69e2c78b3239ecfab21649");
    EXPECT_EQ(to_hex(hmac_sha2(512, key, data)),
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    EXPECT_EQ(hmac_sha256("", "x").size(), 32U);
}

TEST(Crypto, SealedDataOpensOnlyUnchanged) {
    std::string const key(32, 'k');
    std::string const nonce(12, 'n');
    std::string sealed = aes256_gcm_seal(key, nonce, "sk-secret", "settings/system/api_keys");
    EXPECT_EQ(aes256_gcm_open(key, nonce, sealed, "settings/system/api_keys").value(), "sk-secret");
    EXPECT_FALSE(aes256_gcm_open(key, nonce, sealed, "settings/system/other"));
    EXPECT_FALSE(aes256_gcm_open(std::string(32, 'x'), nonce, sealed, "settings/system/api_keys"));
    EXPECT_FALSE(aes256_gcm_open(key, nonce, "short", ""));
    sealed[0] = static_cast<char>(sealed[0] ^ 1);
    EXPECT_EQ(aes256_gcm_open(key, nonce, sealed, "settings/system/api_keys").error().code(),
              errc::corrupt_data);
}

// The signature is that of
// `printf header.payload | openssl dgst -sha256 -sign key.pem | xxd -p`.
TEST(Crypto, Rs256SignsAsOpensslDoes) {
    EXPECT_EQ(to_hex(rsa_sha256_sign(test::rsa_key, "header.payload").value()),
              "b7c6a79d34628b1df93434402f947076c37d81b2d6f40fbccf6afaeff7fc2e03"
              "992acfbb25ac6f55f00678a8d55587e094bcb029b86d42703bcba51728d52595"
              "3ff13ae330f0eacc2e5c9a859141deb886b8fe4f53fcc00a6bebeda9e813d67d"
              "d379f587a9b76604cd275e6e3c118d6d87020c2a0f7a0b9e5652ffb4812794a3");
    // Of `openssl ecparam -name prime256v1 -genkey`: a key, but none of RSA.
    std::string const curve =
        "-----BEGIN PRIVATE KEY-----\n"
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghI8wg4Duon1zj+lN\n"
        "1v8cJHKwgXp63W7SUQ1Hgu2HCeShRANCAAQ9tap3B0UCUY1jrPk/jy2lMy3t2QvY\n"
        "lU0m4UVVCwPYT02NI0bCUsE0xY02OFTW6FGkdJfNOiysBA3xkovn58pP\n"
        "-----END PRIVATE KEY-----\n";
    for (auto const& bad :
         {std::string(), std::string("text"), curve, std::string(test::rsa_key).substr(0, 400)}) {
        auto const refused = rsa_sha256_sign(bad, "x");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::invalid);
        EXPECT_EQ(refused.error().detail().find("MII"), std::string::npos);
    }
}

TEST(Crypto, ConstantTimeEquality) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "abcd"));
    EXPECT_EQ(secret("a"), secret("a"));
    EXPECT_EQ(to_log_text(secret("hidden")), "***");
}

}  // namespace
}  // namespace cxb
