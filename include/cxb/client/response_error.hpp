#pragma once
/// @file
/// From an HTTP answer that is not 2xx to an `error` (spec 10 §12).
///
/// | status   | errc                | status   | errc                    |
/// |----------|---------------------|----------|-------------------------|
/// | 400      | malformed           | 412      | precondition_failed     |
/// | 401      | unauthenticated     | 413      | too_large               |
/// | 403      | forbidden           | 415, 422 | invalid                 |
/// | 404      | not_found           | 429      | at_capacity             |
/// | 408, 504 | deadline_exceeded   | 503      | unavailable             |
/// | 409      | conflict            | 3xx, 5xx | upstream_failed         |
///
/// 405 is `method_not_allowed`, any other 4xx `invalid`. The error carries `status`, `request_sent`
/// = yes, and from the body `detail` (else the member `error`), `code` as `reason`, `errors[]` as
/// `faults`, `request_id` (else `X-Request-Id`), `Retry-After` (a
/// date becomes seconds), and other members of a JSON object as `members`.
/// Thread-safety: pure functions.

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

[[nodiscard]] errc code_of_status(int status) noexcept;

/// Precondition: `answer.status` is not 2xx. `now` is what a date in `Retry-After` is counted from.
[[nodiscard]] error error_of(wire::http_response const& answer, time_point now);

/// `answer` itself when 2xx, else `error_of`.
[[nodiscard]] result<wire::http_response> check_status(wire::http_response answer, time_point now);

/// A 2xx body that cannot be read: `corrupt_data` with the parser's faults, `request_sent` = yes.
[[nodiscard]] error unreadable_answer(error const& cause, int status);

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
