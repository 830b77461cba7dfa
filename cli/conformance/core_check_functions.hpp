#pragma once
// The functions behind the rows of core_checks.cpp, by subject.

#include "cli/conformance/core_kit.hpp"
#include "cli/conformance/expect.hpp"
#include "cxb/contract/runtime_config/request.hpp"

namespace cxb::cli::conformance::core {

// core_health_checks.cpp
outcome worker_health_fields(core_kit& kit);
outcome fleet_health_bytes(core_kit& kit);
outcome fleet_sums(core_kit& kit);
outcome health_in_time(core_kit& kit);
// core_start_checks.cpp
outcome attach_door(core_kit& kit);
outcome dispatch_door(core_kit& kit);
outcome dialout_door(core_kit& kit);
outcome widget_door(core_kit& kit);
outcome full_refuses(core_kit& kit);
outcome slot_comes_back(core_kit& kit);
// core_config_checks.cpp
outcome config_request_shape(core_kit& kit);
outcome config_not_found(core_kit& kit);
outcome config_closed(core_kit& kit);
outcome config_broken(core_kit& kit);
outcome unknown_members(core_kit& kit);
outcome null_members(core_kit& kit);
outcome odd_provider_and_tool(core_kit& kit);
/// The request for the config of that call; a fault when there is none, or it breaks its contract.
[[nodiscard]] result<contract::runtime_config::config_request> config_asked(
    core_kit& kit, placed_call const& call);
// core_line_checks.cpp
/// A line to an idle Core, upgraded. `skips` where the path is not served.
[[nodiscard]] result<placed_call> idle_line(core_kit& kit, line_kind kind,
                                            wire::json_object config);
/// The Core closes that line soon, with this code.
[[nodiscard]] outcome expect_line_end(placed_call const& call, int code);
/// The result of that call says so.
[[nodiscard]] outcome expect_told(core_kit& kit, placed_call const& call, std::string_view word);
outcome line_handshake(core_kit& kit);
outcome line_disorder(core_kit& kit);
outcome line_voice(core_kit& kit);
outcome line_bot_ends(core_kit& kit);
outcome line_customer_ends(core_kit& kit);
// core_exotel_checks.cpp
outcome exotel_start(core_kit& kit);
outcome exotel_clear(core_kit& kit);
outcome exotel_customer_ends(core_kit& kit);
// core_transfer_checks.cpp
outcome transfer_resolution(core_kit& kit);
// core_result_checks.cpp
outcome posted_once(core_kit& kit);
outcome repeated_until_taken(core_kit& kit);
outcome survives_kill(core_kit& kit);
outcome poison_not_repeated(core_kit& kit);
outcome one_result_id(core_kit& kit);
outcome drains(core_kit& kit);
outcome longest_call(core_kit& kit);
outcome silent_caller(core_kit& kit);

}  // namespace cxb::cli::conformance::core
