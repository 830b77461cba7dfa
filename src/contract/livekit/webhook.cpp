#include "cxb/contract/livekit/webhook.hpp"

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/wire/jws.hpp"

namespace cxb::inline v1 {
namespace contract::livekit {
namespace {

constexpr std::string_view bearer = "bearer ";
constexpr std::chrono::minutes webhook_ttl{5};

std::string_view token_of(std::string_view authorization) {
    auto text = trim(authorization);
    if (iequals(text.substr(0, bearer.size()), bearer)) text = trim(text.substr(bearer.size()));
    return iequals(text, trim(bearer)) ? std::string_view{} : text;
}

// Every key is tried, so time does not tell which one is known.
std::optional<wire::json_object> claims_of(std::string_view token,
                                           std::span<api_credentials const> keys) {
    std::optional<wire::json_object> good;
    for (auto const& one : keys) {
        auto claims = wire::jws_verify(token, wire::jws_algorithm::hs256, {&one.api_secret, 1});
        if (!claims || one.api_key.empty()) continue;
        if (wire::text_at(*claims, "iss") == one.api_key) good = *std::move(claims);
    }
    return good;
}

}  // namespace

std::string body_digest(std::string_view body) {
    return to_base64(sha256(body));
}

result<livekit_event> verify_webhook(std::string_view body, std::string_view authorization,
                                     std::span<api_credentials const> keys, time_point now) {
    auto const token = token_of(authorization);
    if (token.empty()) return error{errc::unauthenticated, "Missing auth"};
    auto const claims = claims_of(token, keys);
    bool const good = claims && wire::check_times(*claims, now, webhook_leeway) &&
                      equal_constant_time(wire::text_at(*claims, "sha256"), body_digest(body));
    if (!good) return error{errc::unauthenticated, "Invalid signature"};
    return parse_livekit_event(body, {.max_bytes = webhook_body, .now = now});
}

result<std::string> sign_webhook(std::string_view body, api_credentials const& credentials,
                                 time_point now) {
    if (credentials.api_key.empty()) return error{errc::invalid, "LiveKit API key is empty"};
    auto const from = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    wire::json_object claims;
    claims["iss"] = credentials.api_key;
    claims["nbf"] = from.count();
    claims["exp"] = (from + webhook_ttl).count();
    claims["sha256"] = body_digest(body);
    return wire::jws_sign(wire::jws_algorithm::hs256, credentials.api_secret, claims);
}

}  // namespace contract::livekit
}  // namespace cxb::inline v1
