#include "cxb/contract/recording_token/recording_token.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace contract::recording_token {
namespace {

constexpr std::size_t token_bytes = 24;
constexpr std::size_t min_token_characters = 16;
constexpr std::size_t max_token_characters = 128;

bool is_token_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

std::string under(std::string_view base, std::string_view path) {
    while (base.ends_with('/'))
        base.remove_suffix(1);
    return std::string(base).append(path);
}

}  // namespace

std::string generate(random_source& random) {
    std::array<char, token_bytes> bytes{};
    random.fill(std::as_writable_bytes(std::span{bytes}));
    return to_base64url({bytes.data(), bytes.size()});
}

bool is_token(std::string_view text) noexcept {
    return text.size() >= min_token_characters && text.size() <= max_token_characters &&
           std::ranges::all_of(text, is_token_character);
}

std::string public_url(std::string_view base, std::string_view token) {
    return under(base, "/api/v1/public/recordings/").append(token);
}

secret upload_key(secret const& jwt_secret) {
    return secret{hmac_sha256(jwt_secret.reveal(), "cxb-recording")};
}

std::string upload_signature(secret const& key, std::string_view session_id,
                             std::int64_t end_epoch_seconds) {
    std::string text = "rec:";
    text.append(session_id).append(":").append(std::to_string(end_epoch_seconds));
    return to_base64url(hmac_sha256(key.reveal(), text));
}

std::string upload_url(std::string_view base, secret const& key, std::string_view session_id,
                       time_point end) {
    auto const e = std::chrono::floor<seconds>(end).time_since_epoch().count();
    std::string url = under(base, "/api/v1/recordings/upload/");
    url.append(percent_encode(session_id)).append("?e=").append(std::to_string(e));
    return url.append("&t=").append(upload_signature(key, session_id, e));
}

result<void> verify_upload(secret const& key, std::string_view session_id, std::string_view e,
                           std::string_view t, time_point now) {
    std::int64_t end = 0;
    auto const [stop, fault] = std::from_chars(e.data(), e.data() + e.size(), end);
    bool const readable = fault == std::errc{} && !e.empty() && stop == e.data() + e.size();
    bool const signed_by_us = equal_constant_time(t, upload_signature(key, session_id, end));
    bool const past = to_epoch_ms(now) / 1000 > end;
    if (!readable || !signed_by_us || past) return error{errc::forbidden, "Invalid upload link"};
    return {};
}

}  // namespace contract::recording_token
}  // namespace cxb::inline v1
