#include "cxb/contract/api_key/api_key.hpp"

#include <array>
#include <stdexcept>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace contract::api_key {
namespace {

constexpr std::size_t prefix_characters = 7;

}  // namespace

generated_key generate(std::string_view bytes) {
    if (bytes.size() != random_bytes)
        throw std::invalid_argument("an API key is made of 24 random bytes");
    std::string raw = "vx_" + to_base64url(bytes);
    generated_key key;
    key.prefix = raw.substr(0, prefix_characters);
    key.hash = sha256_hex(raw);
    key.raw = secret{std::move(raw)};
    return key;
}

generated_key generate(random_source& random) {
    std::array<char, random_bytes> bytes{};
    random.fill(std::as_writable_bytes(std::span{bytes}));
    return generate(std::string_view{bytes.data(), bytes.size()});
}

std::optional<std::string> lookup_hash(std::string_view header_value) {
    if (header_value.empty() || header_value.size() > max_header_bytes) return std::nullopt;
    return sha256_hex(header_value);
}

result<void> check(std::optional<api_key_record> const& record, time_point now) {
    if (!record) return error{errc::unauthenticated, "Invalid API key"};
    if (!record->is_active) return error{errc::forbidden, "API key is inactive"};
    if (!record->expires_at || record->expires_at->empty()) return {};
    auto const expiry = parse_timestamp_or_utc(*record->expires_at);
    if (!expiry) return error{errc::forbidden, "API key has invalid expiry"};
    if (*expiry <= now) return error{errc::forbidden, "API key has expired"};
    return {};
}

error missing_credentials() {
    return error{errc::unauthenticated, "Missing credentials"};
}

}  // namespace contract::api_key
}  // namespace cxb::inline v1
