#pragma once
/// @file
/// Digest, keyed digest, authenticated encryption and RSA signing; the body alone sees OpenSSL.
///
/// Algorithms are fetched once per process. All functions take and give raw bytes in strings.
/// Thread-safety: all functions may be called from any thread. Failures of the library itself are
/// machine faults and throw.

#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// SHA-256, 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view data);
/// SHA-256 as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);
/// HMAC-SHA256 (RFC 2104), 32 raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);
/// HMAC with SHA-256, SHA-384 or SHA-512; `bits` is 256, 384 or 512.
[[nodiscard]] std::string hmac_sha2(int bits, std::string_view key, std::string_view data);

/// Running SHA-256 for data that is never held whole.
class sha256_stream {
  public:
    sha256_stream();
    ~sha256_stream();
    sha256_stream(sha256_stream&&) noexcept;
    sha256_stream& operator=(sha256_stream&&) noexcept;
    void update(std::string_view data);
    /// Raw 32 bytes; the object is used up.
    [[nodiscard]] std::string finish();

  private:
    void* context_;
};

/// AES-256-GCM. `key` 32 bytes, `nonce` 12 bytes; gives ciphertext followed by the 16-byte tag.
[[nodiscard]] std::string aes256_gcm_seal(std::string_view key, std::string_view nonce,
                                          std::string_view plain, std::string_view associated);
/// Errors: `corrupt_data` when key, nonce, data or associated data do not fit together.
[[nodiscard]] result<std::string> aes256_gcm_open(std::string_view key, std::string_view nonce,
                                                  std::string_view sealed,
                                                  std::string_view associated);

/// RSASSA-PKCS1-v1_5 with SHA-256 (`RS256` of JOSE), raw bytes. The key is PEM, PKCS#8 or PKCS#1,
/// without a pass phrase. Errors: `invalid` for anything else; the text of the key is never in it.
[[nodiscard]] result<std::string> rsa_sha256_sign(std::string_view private_key_pem,
                                                  std::string_view data);

}  // namespace cxb::inline v1
CXB_EXPORT_END
