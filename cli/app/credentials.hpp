#pragma once
/// @file
/// Where `cxb login` keeps tokens: `$XDG_CONFIG_HOME/cxb/credentials.json` (else `~/.config/cxb/`),
/// `{url: {token, expires_at}}`, mode 0600 in a folder of mode 0700 (spec 20 §3.8).
/// A file that others can read is refused, as its tokens may be known.

#include <filesystem>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::cli {

struct stored_token {
    secret token;
    time_point expires_at;
};

class credentials_file {
  public:
    explicit credentials_file(std::filesystem::path path) : path_(std::move(path)) {}
    /// Path from the two variables; `usage` when both are empty.
    [[nodiscard]] static result<credentials_file> locate(std::string const& xdg_config_home,
                                                         std::string const& home);
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }
    /// Nothing when there is no entry. Errors: `corrupt_data`, `forbidden` (mode).
    [[nodiscard]] result<std::optional<stored_token>> find(std::string const& url) const;
    /// Written beside and renamed, so a crash leaves the old file.
    [[nodiscard]] result<void> put(std::string const& url, stored_token const& entry) const;
    /// True when there was an entry.
    [[nodiscard]] result<bool> remove(std::string const& url) const;

  private:
    std::filesystem::path path_;
};

}  // namespace cxb::cli
