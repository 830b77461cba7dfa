#pragma once
/// @file
/// What `POST /bots/{id}/integrations/test` does (spec 21 §3.4): builds the request exactly as a
/// pre-fetch or the first attempt of a push would, and sends it once if that is wanted.
///
/// The request carries `X-CXB-Test: 1`, so that a CRM can tell it from a real one. Nothing of a
/// call is written: no integration log, no trace, no job, no cached answer. A request that is
/// really sent has an audit row `integration.test` first, since it takes facts of a call out of
/// the house; without the row nothing is sent. It passes the outbound guard; the limits per host
/// and retries are those of jobs and do not apply.
///
/// | errc        | when                                                                          |
/// |-------------|-------------------------------------------------------------------------------|
/// | not_found   | no such bot                                                                   |
/// | conflict    | the bot has no such block; the call was redacted                              |
/// | invalid     | `/session_id`: no such call, or of another bot                                |
/// | too_large   | the push would be over 8 MiB                                                  |
/// | those of the store and of audit rows                                                        |
///
/// What goes wrong on the way out is part of the answer. Thread-safety: any event loop.

#include "server/api/audit/audit_trail.hpp"
#include "server/api/push/integration_test_request.hpp"
#include "server/api/services.hpp"

namespace cxb::api {

/// Of a body that is shown, sent or received; what is cut has `truncated: true`.
inline constexpr std::size_t shown_body_bytes = 64 * limits::kib;

/// `{request {method, url, headers, body}, response? {status, ms, body}, error?}`; headers with
/// secrets are `••••••••`. `base` is that of links to recordings.
store::async<wire::json_object> test_integration(api_services const& api, std::string bot_id,
                                                 integration_test_request asked, std::string base,
                                                 audit_actor actor);

}  // namespace cxb::api
