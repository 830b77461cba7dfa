#pragma once
/// @file
/// What the command line of `cxb-api` does; each gives the exit code (spec 20 §1).

#include <string>

namespace cxb::api {

struct command_options {
    std::string config;      ///< `--config`; "" = search
    std::string ready_file;  ///< "" = none
    std::string email;       ///< bootstrap-admin
    std::string backup_to;   ///< backup: file to make
    bool json = false;       ///< backup, rotate-secrets-key: report as JSON
};

[[nodiscard]] int run_serve(command_options const& options);
/// Prints faults, refusals and warnings; 0 or 78.
[[nodiscard]] int run_check_config(command_options const& options);
/// Password from the first line of standard input; works on the store directly.
[[nodiscard]] int run_bootstrap_admin(command_options const& options);
/// Copies the embedded store of the settings to a new file, whether processes use it or not. Exit
/// 0; 1 refused or not written; 65 the store is damaged; 69 it cannot be read; 78.
[[nodiscard]] int run_backup(command_options const& options);
/// Seals every stored secret with `secrets.key`. Exit 0; 1 some secret is opened by no key, or rows
/// kept changing; 69; 78 (also without `secrets.key`).
[[nodiscard]] int run_rotate_secrets_key(command_options const& options);
[[nodiscard]] int run_openapi();

}  // namespace cxb::api
