#pragma once
// What `cxb doctor` looks at in an installation that runs: loops, jobs, endpoints, carriers.

#include "cli/commands/doctor_checks.hpp"

namespace cxb::cli {

// Loops that fail or stand still and jobs that were given up, of `GET /ops/status`.
[[nodiscard]] std::vector<finding> judge_status(wire::json_object const& status, time_point now);
// Endpoints that do not take what they are told.
[[nodiscard]] std::vector<finding> judge_endpoints(wire::json_array const& endpoints);
// Carriers whose trunks are not in LiveKit.
[[nodiscard]] std::vector<finding> judge_carriers(wire::json_array const& carriers);

// All of them; what the API does not have, or does not show to this user, is left out.
[[nodiscard]] std::vector<finding> watch_installation(command_context& context);

}  // namespace cxb::cli
