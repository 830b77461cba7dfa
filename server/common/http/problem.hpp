#pragma once
/// @file
/// From error to answer, and the small answers every handler gives. The table behind this header
/// is the only place that knows HTTP numbers (DESIGN: errors).
///
/// | errc                | status | log level |   | errc              | status | log level |
/// |---------------------|--------|-----------|---|-------------------|--------|-----------|
/// | malformed           | 400    | info      |   | header_too_large  | 431    | info      |
/// | invalid             | 422    | info      |   | rate_limited      | 429    | info      |
/// | unsupported_type    | 415    | info      |   | at_capacity       | 429    | info      |
/// | unauthenticated     | 401    | info      |   | unavailable       | 503    | warn      |
/// | forbidden           | 403    | info      |   | deadline_exceeded | 504    | warn      |
/// | not_found           | 404    | info      |   | upstream_failed   | 502    | warn      |
/// | method_not_allowed  | 405    | info      |   | corrupt_data      | 500    | error     |
/// | conflict            | 409    | info      |   | blocked           | 422    | info      |
/// | precondition_failed | 412    | info      |   | cancelled         | 503    | info      |
/// | too_large           | 413    | info      |   | internal          | 500    | error     |
///
/// Bodies are `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `code`,
/// `request_id`, `errors[]` of `{pointer, reason}` when members are at fault, and the error's own
/// extra members. `Retry-After` is sent when the error advises it.

#include <memory>
#include <string>
#include <string_view>

#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"
#include "server/common/http/route.hpp"
#include "server/common/log.hpp"

namespace cxb::server {

/// What the table says about a code.
struct problem_row {
    int status;
    log_level level;
};
[[nodiscard]] problem_row const& problem_of(errc code) noexcept;

/// The other way: the code answered with that status; of several the one that says least of us
/// (429 at_capacity, 500 internal). A status without one: `upstream_failed`.
[[nodiscard]] errc code_for_status(int status) noexcept;

/// Standard phrase of a status, e.g. `Not Found`; `Unknown` for others.
[[nodiscard]] std::string_view phrase_of(int status) noexcept;

/// The body of a problem. Private notes never stand in it. `status` 0: that of the code.
[[nodiscard]] std::string problem_body(error const& cause, std::string_view request_id,
                                       int status = 0);

/// Status, headers and body for an error. `status` 0: that of the code.
[[nodiscard]] wire::http_response problem_response(error const& cause, std::string_view request_id,
                                                   int status = 0);

/// For a status that arose below the handlers (400, 408, 413, 431, 503 of the listener). Answer it
/// with `problem_response(cause, id, status)`: 408 has no code of its own.
[[nodiscard]] error error_for_status(int status);

/// `application/json` answers.
[[nodiscard]] wire::http_response json_response(int status, wire::json_value const& body);
/// `body` is JSON text already.
[[nodiscard]] wire::http_response json_response(int status, std::string body);
[[nodiscard]] wire::http_response json_response(int status, char const* body);
/// The same bytes for many answers, not copied.
[[nodiscard]] wire::http_response json_response(int status,
                                                std::shared_ptr<std::string const> body);
[[nodiscard]] wire::http_response text_response(
    int status, std::string body, std::string_view type = "text/plain; charset=utf-8");
[[nodiscard]] wire::http_response no_content();
/// `{"status":"deleted"}`: the answer of every DELETE (spec 20).
[[nodiscard]] wire::http_response deleted_response();

}  // namespace cxb::server
