#include "cxb/base/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "cxb/base/encoding.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::inline v1 {
namespace {

[[noreturn]] void fail(char const* what) {
    throw std::runtime_error(std::string("OpenSSL: ") + what);
}

unsigned char const* raw(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}
unsigned char* raw(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

// Fetching an algorithm costs more than hashing a short text, so each is fetched once.
EVP_MD* digest_of(int bits) {
    static EVP_MD* const d256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    static EVP_MD* const d384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
    static EVP_MD* const d512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
    EVP_MD* const found = bits == 512 ? d512 : bits == 384 ? d384 : d256;
    if (found == nullptr) fail("digest not available");
    return found;
}

EVP_MAC* hmac_algorithm() {
    static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    if (mac == nullptr) fail("HMAC not available");
    return mac;
}

struct mac_deleter {
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
struct cipher_deleter {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, cipher_deleter>;

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using mac_context = std::unique_ptr<EVP_MAC_CTX, mac_deleter>;

mac_context make_hmac(char const* digest) {
    mac_context made(EVP_MAC_CTX_new(hmac_algorithm()));
    std::string name = digest;
    OSSL_PARAM const params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
        OSSL_PARAM_construct_end()};
    if (!made || EVP_MAC_CTX_set_params(made.get(), params) != 1) fail("HMAC digest");
    return made;
}

// Naming the digest and copying contexts cost more than the HMAC of a short text, so each thread
// keeps its own; every use gives it a new key.
EVP_MAC_CTX* hmac_of(int bits) {
    thread_local mac_context const m256 = make_hmac("SHA256");
    thread_local mac_context const m384 = make_hmac("SHA384");
    thread_local mac_context const m512 = make_hmac("SHA512");
    return bits == 512 ? m512.get() : bits == 384 ? m384.get() : m256.get();
}

}  // namespace

std::string sha256(std::string_view data) {
    std::string out(32, '\0');
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), raw(out), &size, digest_of(256), nullptr) != 1)
        fail("digest");
    return out;
}

std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    return hmac_sha2(256, key, data);
}

std::string hmac_sha2(int bits, std::string_view key, std::string_view data) {
    auto* const context = hmac_of(bits);
    unsigned char const empty = 0;
    unsigned char const* const key_bytes = key.empty() ? &empty : raw(key);
    if (EVP_MAC_init(context, key_bytes, key.size(), nullptr) != 1) fail("EVP_MAC_init");
    if (EVP_MAC_update(context, raw(data), data.size()) != 1) fail("EVP_MAC_update");
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(digest_of(bits))), '\0');
    std::size_t size = 0;
    if (EVP_MAC_final(context, raw(out), &size, out.size()) != 1) fail("EVP_MAC_final");
    return out;
}

sha256_stream::sha256_stream() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr ||
        EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), digest_of(256), nullptr) != 1)
        fail("digest init");
}
sha256_stream::~sha256_stream() {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}
sha256_stream::sha256_stream(sha256_stream&& other) noexcept : context_(other.context_) {
    other.context_ = nullptr;
}
sha256_stream& sha256_stream::operator=(sha256_stream&& other) noexcept {
    std::swap(context_, other.context_);
    return *this;
}
void sha256_stream::update(std::string_view data) {
    if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), data.data(), data.size()) != 1)
        fail("digest update");
}
std::string sha256_stream::finish() {
    std::string out(32, '\0');
    unsigned size = 0;
    if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), raw(out), &size) != 1)
        fail("digest final");
    return out;
}

std::string aes256_gcm_seal(std::string_view key, std::string_view nonce, std::string_view plain,
                            std::string_view associated) {
    if (key.size() != key_size || nonce.size() != nonce_size)
        throw std::invalid_argument("aes256_gcm_seal: key 32 bytes, nonce 12 bytes");
    cipher_context const context(EVP_CIPHER_CTX_new());
    std::string out(plain.size() + tag_size, '\0');
    int size = 0;
    if (!context ||
        EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), raw(key), raw(nonce), nullptr) != 1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &size, raw(associated),
                          static_cast<int>(associated.size())) != 1 ||
        EVP_EncryptUpdate(context.get(), raw(out), &size, raw(plain),
                          static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(context.get(), raw(out) + size, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                            raw(out) + plain.size()) != 1)
        fail("AES-256-GCM");
    return out;
}

result<std::string> aes256_gcm_open(std::string_view key, std::string_view nonce,
                                    std::string_view sealed, std::string_view associated) {
    auto const bad = [] { return error{errc::corrupt_data, "sealed data does not open"}; };
    if (key.size() != key_size || nonce.size() != nonce_size || sealed.size() < tag_size)
        return bad();
    std::size_t const length = sealed.size() - tag_size;
    std::string tag(sealed.substr(length));
    std::string out(length, '\0');
    cipher_context const context(EVP_CIPHER_CTX_new());
    int size = 0;
    if (!context ||
        EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), raw(key), raw(nonce), nullptr) != 1 ||
        EVP_DecryptUpdate(context.get(), nullptr, &size, raw(associated),
                          static_cast<int>(associated.size())) != 1 ||
        EVP_DecryptUpdate(context.get(), raw(out), &size, raw(sealed), static_cast<int>(length)) !=
            1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, raw(tag)) != 1)
        fail("AES-256-GCM");
    if (EVP_DecryptFinal_ex(context.get(), raw(out) + size, &size) != 1) return bad();
    return out;
}

result<std::string> rsa_sha256_sign(std::string_view private_key_pem, std::string_view data) {
    auto const no_key = [] { return error{errc::invalid, "is no RSA private key in PEM"}; };
    std::unique_ptr<BIO, decltype(&BIO_free)> const text(
        BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size())),
        &BIO_free);
    // An empty pass phrase: OpenSSL would ask at the terminal.
    std::string no_phrase;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
        PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, no_phrase.data()), &EVP_PKEY_free);
    ERR_clear_error();
    if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) return no_key();
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    std::size_t size = 0;
    if (!context ||
        EVP_DigestSignInit(context.get(), nullptr, digest_of(256), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, raw(data), data.size()) != 1)
        fail("RS256");
    std::string out(size, '\0');
    if (EVP_DigestSign(context.get(), raw(out), &size, raw(data), data.size()) != 1) fail("RS256");
    out.resize(size);
    return out;
}

// Digests have one length and tell nothing of the texts, so neither lengths nor a common start
// show in the time taken.
bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
    std::string const left = sha256(a);
    std::string const right = sha256(b);
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool operator==(secret const& a, secret const& b) noexcept {
    return equal_constant_time(a.text_, b.text_);
}

}  // namespace cxb::inline v1
