#pragma once
/// @file
/// Keys that CRMs call us with: how one is made, looked up and judged (spec 10 §2.2, 20 §2.5).
///
/// | part   | form                                                     | kept        |
/// |--------|----------------------------------------------------------|-------------|
/// | raw    | `vx_` + url-safe base64 of 24 random bytes, 35 characters | shown once  |
/// | prefix | first 7 characters of raw                                | plain       |
/// | hash   | lower-case hex SHA-256 of the whole raw key              | looked up by |
///
/// Header `X-API-Key`; any value up to 128 bytes is looked up by its hash, so imported keys of
/// another form work.
///
/// `check`, in this order:
/// | case               | errc            | detail                           |
/// |--------------------|-----------------|----------------------------------|
/// | unknown            | unauthenticated | `Invalid API key`                |
/// | inactive           | forbidden       | `API key is inactive`            |
/// | unreadable expiry  | forbidden       | `API key has invalid expiry`     |
/// | expiry ≤ now       | forbidden       | `API key has expired`            |
/// | no expiry          |                 | never expires                    |
/// Thread-safety: value types and pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::api_key {

inline constexpr std::string_view header_name = "X-API-Key";
inline constexpr std::size_t random_bytes = 24;
inline constexpr std::size_t max_header_bytes = 128;

struct generated_key {
    secret raw;  ///< shown once, never stored
    std::string prefix;
    std::string hash;
};

/// From exactly 24 random bytes; another length is a programming error (`std::invalid_argument`).
[[nodiscard]] generated_key generate(std::string_view bytes);
[[nodiscard]] generated_key generate(random_source& random);

/// What a stored key is found by; empty for an empty or too long header value.
[[nodiscard]] std::optional<std::string> lookup_hash(std::string_view header_value);

/// The stored facts that decide.
struct api_key_record {
    bool is_active = true;
    std::optional<std::string> expires_at;  ///< RFC 3339, without zone = UTC; absent or "" = never
};

/// The key may be used now, or why not (table above).
[[nodiscard]] result<void> check(std::optional<api_key_record> const& record, time_point now);

/// Neither key nor bearer given: `unauthenticated`, `Missing credentials`.
[[nodiscard]] error missing_credentials();

}  // namespace contract::api_key
}  // namespace cxb::inline v1
CXB_EXPORT_END
