#pragma once
/// @file
/// Is this post really from our LiveKit server (spec 10 §2.3)? Its `Authorization` header is an
/// access token that also names the digest of the body.
///
/// | case                                                              | detail (401)        |
/// |-------------------------------------------------------------------|---------------------|
/// | no token                                                          | `Missing auth`      |
/// | other `alg` than HS256, unknown `iss`, bad signature, no `exp`,   | `Invalid signature` |
/// | out of its time by more than 60 s, `sha256` not that of the body  |                     |
///
/// Content types: `application/webhook+json` and `application/json`.
/// Example: `examples/verify_livekit`. Thread-safety: pure functions.

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "cxb/contract/livekit/access_token.hpp"
#include "cxb/contract/livekit/livekit_event.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::livekit {

inline constexpr std::array<std::string_view, 2> webhook_content_types{"application/webhook+json",
                                                                       "application/json"};
inline constexpr std::chrono::seconds webhook_leeway{60};
inline constexpr std::size_t webhook_body = 256 * limits::kib;

/// The claim `sha256` of a body: standard base64 of its SHA-256.
[[nodiscard]] std::string body_digest(std::string_view body);

/// Only what is judged good is parsed. `authorization` may begin with `Bearer ` in any case.
/// Errors: `unauthenticated` (table above), then those of `parse_livekit_event`.
[[nodiscard]] result<livekit_event> verify_webhook(std::string_view body,
                                                   std::string_view authorization,
                                                   std::span<api_credentials const> keys,
                                                   time_point now);

/// What a LiveKit server sends along with `body`: for doubles and tests. Good for 5 minutes.
/// Errors: `invalid` for an empty key or secret.
[[nodiscard]] result<std::string> sign_webhook(std::string_view body,
                                               api_credentials const& credentials, time_point now);

}  // namespace contract::livekit
}  // namespace cxb::inline v1
CXB_EXPORT_END
