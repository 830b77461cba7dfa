#pragma once
/// @file
/// The yardstick for signing and hashing: OpenSSL alone, as a careful program uses it. Algorithms
/// are fetched once, the context of a keyed digest is kept, results lie on the stack.

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace cxb::bench {

using raw_digest = std::array<unsigned char, 32>;

inline std::string_view bytes_of(raw_digest const& digest) {
    return {reinterpret_cast<char const*>(digest.data()), digest.size()};
}

inline unsigned char const* unsigned_bytes(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

inline raw_digest raw_sha256(std::string_view data) {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    raw_digest out;
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), out.data(), &size, algorithm, nullptr) != 1)
        throw std::runtime_error("SHA-256 failed");
    return out;
}

/// Constant-time comparison of two texts, which are different when their lengths are.
inline bool same_bytes(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// HMAC-SHA256 with a context that is kept and keyed anew for each message.
class raw_hmac {
  public:
    raw_hmac() {
        static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        context_.reset(EVP_MAC_CTX_new(algorithm));
        char digest[] = "SHA256";
        OSSL_PARAM const params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        if (!context_ || EVP_MAC_CTX_set_params(context_.get(), params) != 1)
            throw std::runtime_error("HMAC is not available");
    }

    /// Of the parts one after the other; `key` is not empty.
    raw_digest of(std::string_view key, std::initializer_list<std::string_view> parts) {
        auto* const context = context_.get();
        raw_digest out;
        std::size_t size = 0;
        bool good = EVP_MAC_init(context, unsigned_bytes(key), key.size(), nullptr) == 1;
        for (auto const part : parts)
            good = good && EVP_MAC_update(context, unsigned_bytes(part), part.size()) == 1;
        good = good && EVP_MAC_final(context, out.data(), &size, out.size()) == 1;
        if (!good) throw std::runtime_error("HMAC failed");
        return out;
    }

  private:
    struct context_deleter {
        void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
    };
    std::unique_ptr<EVP_MAC_CTX, context_deleter> context_;
};

}  // namespace cxb::bench
