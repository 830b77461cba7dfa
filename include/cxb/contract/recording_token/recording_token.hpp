#pragma once
/// @file
/// The token of a public recording link, and the signed link a media worker uploads to
/// (spec 10 §2.2, 21 §4).
///
/// Token: 24 random bytes as url-safe base64, 32 characters; accepted is `[A-Za-z0-9_-]{16,128}`.
/// It stands in the path because some CRMs cut query strings; the link never expires.
/// Upload link: `e` = epoch second of its end, `t` = url-safe base64 of
/// HMAC-SHA256(key, `rec:{session_id}:{e}`).
/// Thread-safety: pure functions.

#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::recording_token {

[[nodiscard]] std::string generate(random_source& random);
/// Wrong shape: answer 404 without a look-up.
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// `{base}/api/v1/public/recordings/{token}`; a trailing `/` of the base is cut.
[[nodiscard]] std::string public_url(std::string_view base, std::string_view token);

/// Signing key of upload links: HMAC-SHA256(jwt secret, `cxb-recording`).
[[nodiscard]] secret upload_key(secret const& jwt_secret);
/// The value of `t`.
[[nodiscard]] std::string upload_signature(secret const& key, std::string_view session_id,
                                           std::int64_t end_epoch_seconds);
/// `{base}/api/v1/recordings/upload/{session_id}?e=…&t=…`.
[[nodiscard]] std::string upload_url(std::string_view base, secret const& key,
                                     std::string_view session_id, time_point end);
/// Errors: `forbidden`, `Invalid upload link` for a wrong signature, an unreadable or past `e`.
[[nodiscard]] result<void> verify_upload(secret const& key, std::string_view session_id,
                                         std::string_view e, std::string_view t, time_point now);

}  // namespace contract::recording_token
}  // namespace cxb::inline v1
CXB_EXPORT_END
