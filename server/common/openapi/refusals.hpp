#pragma once
/// @file
/// With what a route may refuse: what follows from its row, and what the row says itself.
///
/// | of the row                  | status and code                                               |
/// |-----------------------------|---------------------------------------------------------------|
/// | any                         | 400 malformed, 500 internal, 503 unavailable                  |
/// | who, by role                | 401 unauthenticated, 403 forbidden, password_change_required  |
/// | who, API key or admin       | the same                                                      |
/// | who, core secret            | 403 forbidden                                                 |
/// | a parameter in the path     | 404 not_found                                                 |
/// | method with a body          | 413 too_large, 415 unsupported_type, 422 invalid              |
/// | query parameters            | 422 invalid                                                   |
/// | idempotent                  | 409 idempotency_in_flight, outcome_unknown; 422               |
/// |                             | idempotency_key_reused                                        |
/// | rate, but for core secrets  | 429 rate_limited                                              |
/// | deadline, unless none       | 504 deadline_exceeded                                         |
/// | doc.errors                  | as they stand; their text wins                                |
///
/// Thread-safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "server/common/http/route.hpp"

namespace cxb::server {

/// By status, then code; each pair once. The texts are constants or those of the row.
[[nodiscard]] std::vector<route_error> refusals_of(route const& row);

/// The problem document of a refusal, as an example for readers.
[[nodiscard]] std::string example_problem(route_error const& refusal);

/// Who may call, in a sentence; "" for `unset`.
[[nodiscard]] std::string_view sentence_for(access who) noexcept;

}  // namespace cxb::server
