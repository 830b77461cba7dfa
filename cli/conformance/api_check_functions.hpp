#pragma once
// The functions behind the rows of api_checks.cpp, by subject.

#include "cli/conformance/api_kit.hpp"

namespace cxb::cli::conformance::api {

// api_access_checks.cpp
outcome config_secret(api_kit& kit);
outcome results_secret(api_kit& kit);
outcome cdr_secret(api_kit& kit);
outcome lookup_secret(api_kit& kit);
outcome desk_secret(api_kit& kit);
// api_config_checks.cpp
outcome config_members(api_kit& kit);
outcome unknown_bot(api_kit& kit);
outcome closed_hours(api_kit& kit);
outcome odd_variables(api_kit& kit);
outcome one_call_per_id(api_kit& kit);
// api_result_checks.cpp
outcome corpus_accepted(api_kit& kit);
outcome absent_keeps(api_kit& kit);
outcome status_map(api_kit& kit);
outcome repeats(api_kit& kit);
outcome minimal_and_full(api_kit& kit);
outcome fifty_at_once(api_kit& kit);
outcome token_once(api_kit& kit);
// api_telemetry_checks.cpp
outcome cache_numbers(api_kit& kit);
outcome no_money(api_kit& kit);
outcome cdr_bodies(api_kit& kit);
outcome cdr_order(api_kit& kit);
// api_dialout_checks.cpp
outcome key_states(api_kit& kit);
outcome dialout_refusals(api_kit& kit);
outcome flags_stripped(api_kit& kit);
outcome dialled_once(api_kit& kit);
// api_wire_checks.cpp
outcome livekit_webhook(api_kit& kit);
outcome enqueue_twice(api_kit& kit);
outcome problem_shapes(api_kit& kit);
outcome refusals_leave_nothing(api_kit& kit);
outcome openapi_schemas(api_kit& kit);

}  // namespace cxb::cli::conformance::api
