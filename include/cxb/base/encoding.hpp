#pragma once
/// @file
/// Hex, base64 (standard and url-safe), percent-encoding and UTF-8 checks.
/// Decoders refuse anything that is not exactly the encoding: `malformed`.

#include <span>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] result<std::string> from_hex(std::string_view text);
/// Standard alphabet with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] result<std::string> from_base64(std::string_view text);
/// Url-safe alphabet without padding.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] result<std::string> from_base64url(std::string_view text);
/// RFC 3986: everything outside ALPHA DIGIT - . _ ~ becomes %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// `plus_is_space` for query strings. A broken escape is `malformed`.
[[nodiscard]] result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
/// Well-formed UTF-8 (no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
/// Longest prefix of at most `max_bytes` that does not cut a character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;
/// ASCII lower case.
[[nodiscard]] std::string to_lower(std::string_view text);
/// Without blanks, tabs and line ends at both sides.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// ASCII case-insensitive equality.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b) noexcept;

}  // namespace cxb::inline v1
CXB_EXPORT_END
