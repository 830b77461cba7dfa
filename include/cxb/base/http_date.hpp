#pragma once
/// @file
/// The date of HTTP headers: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
///
/// Used by `Date`, `Last-Modified`, `If-Range`, `Retry-After`. The two obsolete forms of that
/// section are not read: no server of this century sends them. Thread-safety: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// Milliseconds are cut. Precondition: year 0000-9999.
[[nodiscard]] std::string format_http_date(time_point at);

/// Empty when the text is not such a date or no such day exists. The weekday's name is not compared
/// with the day.
[[nodiscard]] std::optional<time_point> parse_http_date(std::string_view text) noexcept;

}  // namespace cxb::inline v1
CXB_EXPORT_END
