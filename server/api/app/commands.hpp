#pragma once
/// @file
/// What the command line of `cxb-api` does; each gives the exit code (spec 20 §1).

#include <string>

namespace cxb::api {

struct command_options {
    std::string config;      ///< `--config`; "" = search
    std::string ready_file;  ///< "" = none
    std::string email;       ///< bootstrap-admin
};

[[nodiscard]] int run_serve(command_options const& options);
/// Prints faults, refusals and warnings; 0 or 78.
[[nodiscard]] int run_check_config(command_options const& options);
/// Password from the first line of standard input; works on the store directly.
[[nodiscard]] int run_bootstrap_admin(command_options const& options);
[[nodiscard]] int run_openapi();

}  // namespace cxb::api
