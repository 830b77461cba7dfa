#pragma once
/// @file
/// How long a peer asks us to wait: `Retry-After` as seconds or as a date (RFC 9110 §10.2.3).
/// Thread-safety: a pure function.

#include <optional>

#include "cxb/base/clock.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// Rounded up to seconds, 0 for a date that is over, at most a year (callers have shorter limits).
/// Empty when the header is absent or neither a number nor a date.
[[nodiscard]] std::optional<seconds> retry_after(header_list const& headers, time_point now);

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
