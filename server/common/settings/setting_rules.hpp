#pragma once
/// @file
/// Rules over several settings, and what production refuses (spec 20 §1).
///
/// | refusal code            | when                                                             |
/// |-------------------------|------------------------------------------------------------------|
/// | missing_secret          | jwt.secret (API), core.secret                                    |
/// | short_secret            | under 32 bytes                                                   |
/// | default_secret          | a word everybody knows, or one repeated character                |
/// | same_secret             | jwt.secret equals core.secret                                    |
/// | public_url_missing      | no http.public_url: a forged `Host` could collect the core secret |
/// | public_url_invalid      | it is no absolute http(s) base URL                               |
/// | secret_file_readable    | a file holding a secret is open to group or world                |
/// | simulated_telephony     | telephony.simulated, core.media simulated                        |
/// | weak_bootstrap_password | breaks the password rules                                        |
/// | missing_url             | core.config_url                                                  |
/// | not_in_production       | core.max_concurrent_calls other than 1, core.sim_fast            |

#include <string>
#include <vector>

#include "server/common/settings/load_settings.hpp"

namespace cxb::server {

/// Faults that show only between settings, e.g. one of certificate and key alone.
[[nodiscard]] std::vector<fault> cross_faults(unsigned process, setting_values const& values);

/// `refused: <code>: <yaml path>` lines; empty outside production.
[[nodiscard]] std::vector<std::string> production_refusals(unsigned process,
                                                           setting_values const& values);

/// Problems as a process prints them: one a line; below the first refusal of a kind an indented
/// line says what it means and what mends it.
[[nodiscard]] std::string problem_text(std::vector<std::string> const& problems);

/// Things that work and deserve a word, e.g. more than 16 workers.
[[nodiscard]] std::vector<std::string> setting_warnings(unsigned process,
                                                        setting_values const& values);

}  // namespace cxb::server
