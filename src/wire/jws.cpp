#include "cxb/wire/jws.hpp"

#include <algorithm>
#include <array>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace wire {
namespace {

constexpr std::size_t max_token = 8192;

struct algorithm_row {
    jws_algorithm algorithm;
    std::string_view name;
    int bits;
};
constexpr std::array<algorithm_row, 3> algorithms{{{jws_algorithm::hs256, "HS256", 256},
                                                   {jws_algorithm::hs384, "HS384", 384},
                                                   {jws_algorithm::hs512, "HS512", 512}}};

algorithm_row const& row_of(jws_algorithm algorithm) noexcept {
    return algorithms.at(static_cast<std::size_t>(algorithm));
}

error refused(char const* why) {
    return error{errc::unauthenticated, "Invalid or expired token"}.with_note({why});
}

result<json_object> decode_part(std::string_view part, char const* otherwise) {
    auto const text = from_base64url(part);
    if (!text) return refused("not base64url");
    auto parsed = parse_json(*text);
    if (!parsed || !parsed->is_object()) return refused(otherwise);
    return std::move(*parsed).as_object();
}

}  // namespace

std::string_view name_of(jws_algorithm algorithm) noexcept {
    return row_of(algorithm).name;
}

result<jws_algorithm> parse_jws_algorithm(std::string_view word) {
    for (auto const& row : algorithms)
        if (row.name == word) return row.algorithm;
    return error{errc::invalid, "must be HS256, HS384 or HS512"};
}

result<std::string> jws_sign(jws_algorithm algorithm, secret const& key,
                             json_object const& claims) {
    if (key.empty()) return error{errc::invalid, "signing secret is empty"};
    auto const& row = row_of(algorithm);
    json_object header;
    header["alg"] = row.name;
    header["typ"] = "JWT";
    std::string token = to_base64url(to_text(header)) + "." + to_base64url(to_text(claims));
    return token + "." + to_base64url(hmac_sha2(row.bits, key.reveal(), token));
}

result<json_object> jws_verify(std::string_view token, jws_algorithm algorithm,
                               std::span<secret const> keys) {
    if (token.size() > max_token) return refused("too long");
    auto const first = token.find('.');
    auto const last = token.rfind('.');
    if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last)
        return refused("not three parts");
    CXB_TRY(json_object const header,
            decode_part(token.substr(0, first), "the header is no JSON object"));
    auto const& row = row_of(algorithm);
    if (text_at(header, "alg") != row.name) return refused("other algorithm");
    if (header.contains("crit")) return refused("critical extensions are not supported");
    auto const signature = from_base64url(token.substr(last + 1));
    if (!signature) return refused("signature is not base64url");
    bool good = false;
    for (secret const& key : keys) {
        if (key.empty()) continue;
        std::string const expected = hmac_sha2(row.bits, key.reveal(), token.substr(0, last));
        good = equal_constant_time(expected, *signature) || good;
    }
    if (!good) return refused("signature does not fit");
    return decode_part(token.substr(first + 1, last - first - 1), "the claims are no JSON object");
}

result<void> check_times(json_object const& claims, time_point now, std::chrono::seconds leeway) {
    auto const at = [&](std::string_view name) -> std::optional<time_point> {
        auto const* value = find_path(claims, name);
        if (value == nullptr || !value->is_number()) return std::nullopt;
        constexpr double far = 1e11;  // beyond year 5000: keeps the conversion in range
        double const secs = std::clamp(number_at(claims, name), -far, far);
        return time_point{milliseconds{static_cast<std::int64_t>(secs * 1000)}};
    };
    auto const expires = at("exp");
    if (!expires) return refused("no exp");
    if (*expires + leeway <= now) return refused("expired");
    auto const not_before = at("nbf");
    if (!not_before && claims.contains("nbf")) return refused("nbf is no number");
    if (not_before && *not_before - leeway > now) return refused("not yet valid");
    return {};
}

}  // namespace wire
}  // namespace cxb::inline v1
