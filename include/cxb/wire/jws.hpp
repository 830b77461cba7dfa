#pragma once
/// @file
/// JSON Web Signatures with a shared secret (RFC 7515, RFC 7519): HS256, HS384, HS512.
///
/// Only the algorithm the caller names is accepted; `none` and every other word are refused, so a
/// token cannot choose how it is checked (spec 20 §2.2, 10 §2.3). Times (`exp`, `nbf`) are the
/// caller's business: `check_times` does them with an explicit leeway.
/// Thread-safety: pure functions.

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

enum class jws_algorithm { hs256, hs384, hs512 };

/// `HS256`, `HS384`, `HS512`.
[[nodiscard]] std::string_view name_of(jws_algorithm algorithm) noexcept;
/// Errors: `invalid` for any other word.
[[nodiscard]] result<jws_algorithm> parse_jws_algorithm(std::string_view word);

/// Compact form with header `{"alg":…,"typ":"JWT"}`. An empty secret is `invalid`.
[[nodiscard]] result<std::string> jws_sign(jws_algorithm algorithm, secret const& key,
                                           json_object const& claims);

/// Claims of a token whose header names exactly `algorithm` and whose signature fits one of
/// `keys` (compared in constant time). Errors: `unauthenticated`, without saying what was wrong.
/// Tokens over 8 KiB are refused.
[[nodiscard]] result<json_object> jws_verify(std::string_view token, jws_algorithm algorithm,
                                             std::span<secret const> keys);

/// `exp` must be a number after `now - leeway`; `nbf`, when present, one not after `now + leeway`.
/// Errors: `unauthenticated`.
[[nodiscard]] result<void> check_times(json_object const& claims, time_point now,
                                       std::chrono::seconds leeway);

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
