#pragma once
/// @file
/// The three kinds of identifier, made from a given time and randomness.
///
/// | kind    | form                                  | used for                              |
/// |---------|---------------------------------------|---------------------------------------|
/// | UUIDv7  | RFC 9562, lower case, 36 characters   | sessions, results, fetches, dials     |
/// | 24-hex  | 4 bytes seconds, 8 bytes random       | documents people name (bots, users)   |
/// | ULID    | 26 characters Crockford base32, lower | webhook ids (`msg_` + ULID)           |
///
/// All sort by creation time, which keeps indexes append-only.

#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

[[nodiscard]] std::string make_uuid7(time_point now, random_source& random);
[[nodiscard]] std::string make_hex24(time_point now, random_source& random);
/// Lower-case ULID.
[[nodiscard]] std::string make_ulid(time_point now, random_source& random);

/// 36 characters with dashes in place and hex digits (any version).
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;
/// Exactly 24 lower- or upper-case hex digits.
[[nodiscard]] bool is_hex24(std::string_view text) noexcept;

/// Real clock and system randomness: for code at the edge of a process.
[[nodiscard]] std::string new_uuid7();
[[nodiscard]] std::string new_hex24();

}  // namespace cxb::inline v1
CXB_EXPORT_END
