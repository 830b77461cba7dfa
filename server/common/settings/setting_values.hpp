#pragma once
/// @file
/// The settings as read: one value per row, with where it came from. Asking for a path that is no
/// row, or for another kind than declared, throws `std::logic_error`.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cxb/base/secret.hpp"
#include "server/common/settings/setting.hpp"

namespace cxb::server {

enum class setting_origin : std::uint8_t { fallback, file, environment };

struct setting_value {
    /// monostate: not set and without default.
    std::variant<std::monostate, std::string, std::int64_t, bool, std::vector<std::string>> value;
    setting_origin origin = setting_origin::fallback;
    /// Variable, yaml file or secrets file it was read from; "" for a default.
    std::string source;
    bool from_secret_file = false;  ///< `source` names the variable, `file` what it pointed to
    std::string file;
};

class setting_values {
  public:
    [[nodiscard]] std::string const& text(std::string_view path) const;
    [[nodiscard]] cxb::secret secret(std::string_view path) const;
    [[nodiscard]] std::int64_t integer(std::string_view path) const;
    [[nodiscard]] bool boolean(std::string_view path) const;
    /// Empty when not set.
    [[nodiscard]] std::optional<bool> maybe_boolean(std::string_view path) const;
    [[nodiscard]] std::vector<std::string> const& list(std::string_view path) const;
    [[nodiscard]] setting_value const& at(std::string_view path) const;
    void put(std::string_view path, setting_value value);

    /// Paths that were asked for so far; a test compares them with the rows of a process.
    [[nodiscard]] std::set<std::string, std::less<>> const& asked() const noexcept {
        return asked_;
    }

  private:
    template <class T>
    T const& get(std::string_view path) const;
    std::map<std::string, setting_value, std::less<>> values_;
    mutable std::set<std::string, std::less<>> asked_;
};

}  // namespace cxb::server
