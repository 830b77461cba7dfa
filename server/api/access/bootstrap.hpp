#pragma once
/// @file
/// The one-time token by which the first super_admin is made over HTTP (spec 20 §2.4): a file in
/// the data directory (mode 0600) that only who runs the machine can read.

#include <filesystem>

#include "cxb/base/random.hpp"
#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::api {

/// Where the token lies: `{data_dir}/bootstrap-token`.
[[nodiscard]] std::filesystem::path bootstrap_token_file(std::filesystem::path const& data_dir);

/// Writes a fresh 32-character token unless one is there. Errors: `unavailable`.
[[nodiscard]] result<void> ensure_bootstrap_token(std::filesystem::path const& data_dir,
                                                  random_source& random);
/// Errors: `forbidden` `Invalid bootstrap token`; also when there is no file.
[[nodiscard]] result<void> check_bootstrap_token(std::filesystem::path const& data_dir,
                                                 secret const& given);
void remove_bootstrap_token(std::filesystem::path const& data_dir) noexcept;

}  // namespace cxb::api
