#pragma once
/// @file
/// Secrets on their way to people and back: the mask that is shown, and the round trip by which a
/// sent mask keeps what is stored (spec 20 §4, §5.1); and blanking for logs (spec 21 §3.5).
///
/// | secret                  | mask                                                       |
/// |-------------------------|------------------------------------------------------------|
/// | ""                      | ""                                                         |
/// | up to 8 characters      | `••••••••`                                                 |
/// | longer                  | first 4 + `••••••` + last 4: `sk-1••••••abcd`              |
///
/// Which members of a document are secret is said by a `secret_test`: `bot_secrets`, `log_secrets`,
/// or one made from a field table, as that of the system settings.
/// Failures: a value that holds U+2022 and is not the mask of the stored secret is `invalid`,
/// `masked value does not match the stored secret`.
/// Thread-safety: pure functions.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

[[nodiscard]] std::string mask_secret(std::string_view secret);

/// What to store when `sent` arrives and `stored` is there: the stored secret for its mask, `sent`
/// for anything without U+2022 ("" removes). Errors: `invalid` at `pointer`.
[[nodiscard]] result<std::string> apply_masked(std::string_view sent, std::string_view stored,
                                               std::string_view pointer = {});

/// Names from the root to a member; an array step is its index in digits.
using member_path = std::span<std::string_view const>;
/// Is the text at this path a secret?
using secret_test = std::function<bool(member_path)>;

/// Header name that matches /auth|key|token|secret|cookie/i.
[[nodiscard]] bool is_secret_header(std::string_view name) noexcept;

/// `api_key`, members of `auth` (but type, header, token_url, scope), secret-named headers,
/// signing secrets; `widget_api_key` is public by nature and shown.
[[nodiscard]] bool bot_secrets(member_path path) noexcept;
/// By the member's own name: `contract::call_results::is_secret_name` or `is_secret_header`; the
/// prompt cache keys are none.
[[nodiscard]] bool log_secrets(member_path path) noexcept;

/// The document with every secret text masked; secrets that are not texts become `••••••••`,
/// null stays.
[[nodiscard]] wire::json_value mask_document(wire::json_value const& document,
                                             secret_test const& is_secret);

/// The document with every secret, text or not, replaced by `***`; null and "" stay.
[[nodiscard]] wire::json_value blank_document(wire::json_value const& document,
                                              secret_test const& is_secret);
/// With a word of the caller's choice.
[[nodiscard]] wire::json_value blank_document(wire::json_value const& document,
                                              secret_test const& is_secret, std::string_view word);

/// The round trip over a whole document: every secret text of `sent` goes through `apply_masked`
/// against the same path of `stored`. In lists that were reordered a mask also finds its secret at
/// another index, if exactly one fits. All faults are reported together, pointers below `pointer`.
[[nodiscard]] result<wire::json_value> apply_masked_document(wire::json_value const& sent,
                                                             wire::json_value const& stored,
                                                             secret_test const& is_secret,
                                                             std::string_view pointer = {});

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
