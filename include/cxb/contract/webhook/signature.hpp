#pragma once
/// @file
/// Signatures of what we send to other people's endpoints: Standard Webhooks profile
/// (spec 10 §2.4).
///
/// | header              | value                                                                |
/// |---------------------|----------------------------------------------------------------------|
/// | `webhook-id`        | `msg_` + ULID, the same over all attempts                            |
/// | `webhook-timestamp` | epoch seconds of this attempt                                        |
/// | `webhook-signature` | `v1,<base64>` per valid secret, newest first, separated by blanks    |
///
/// Signed text: id + `.` + timestamp + `.` + raw body, HMAC-SHA256. While a secret is rotated the
/// old one signs along, so a receiver that knows either accepts.
/// Example: `examples/verify_webhook`. Thread-safety: value types and pure functions.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::webhook {

inline constexpr std::string_view id_header = "webhook-id";
inline constexpr std::string_view timestamp_header = "webhook-timestamp";
inline constexpr std::string_view signature_header = "webhook-signature";
inline constexpr seconds default_tolerance{300};

/// `whsec_` + standard base64 of 32 random bytes.
[[nodiscard]] secret generate_secret(random_source& random);

/// The key bytes of a `whsec_` text. Errors: `invalid` when the prefix or base64 is wrong or the
/// key is not 24–64 bytes.
[[nodiscard]] result<secret> key_of(secret const& text);

/// `msg_` + lower-case ULID.
[[nodiscard]] std::string make_id(time_point now, random_source& random);

/// The value of `webhook-signature`; `secrets` newest first. Errors: `invalid` for a bad secret.
[[nodiscard]] result<std::string> sign(std::span<secret const> secrets, std::string_view id,
                                       std::int64_t timestamp, std::string_view body);

/// Sets the three headers for an attempt made `now`.
[[nodiscard]] result<void> add_headers(wire::header_list& headers, std::span<secret const> secrets,
                                       std::string_view id, time_point now, std::string_view body);

/// For receivers: all three headers are there, |now − timestamp| ≤ tolerance, and one `v1` entry
/// fits one secret (constant time); entries of other versions are skipped. Errors:
/// `unauthenticated` with detail `Missing webhook headers`, `Invalid webhook timestamp`,
/// `Webhook timestamp is too old or too new` or `Invalid webhook signature`.
[[nodiscard]] result<void> verify(wire::header_list const& headers, std::string_view body,
                                  std::span<secret const> secrets, time_point now,
                                  seconds tolerance = default_tolerance);

}  // namespace contract::webhook
}  // namespace cxb::inline v1
CXB_EXPORT_END
