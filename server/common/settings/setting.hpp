#pragma once
/// @file
/// Every setting of every process, declared once as data (spec 20 §1, 80 §1).
///
/// From the rows come: the loader, its checks, the names of environment variables, the annotated
/// example file and the reference page. Keys of chapters that live elsewhere are known by prefix
/// only: they are neither checked nor unknown.
///
/// | column   | meaning                                                                       |
/// |----------|-------------------------------------------------------------------------------|
/// | path     | yaml path; the variable is `CXB_` + path in capitals, `.` as `_`              |
/// | kind     | text, integer, boolean, list of texts, or a document (yaml map, JSON text)    |
/// | fallback | default as it would stand in yaml; "" = empty text or list, or not set        |
/// | doc      | one sentence                                                                  |
/// | used_by  | processes that check and read the value; the others only know the name        |
/// | secret   | may also come from `<NAME>_FILE`; never shown                                 |
/// | low,high | bounds of an integer; equal = none                                            |
/// | words    | allowed texts, `|` between; empty = any                                       |
/// | aliases  | older variable names, blank between, earlier ones win                         |
/// | check    | further rule for a text or each entry of a list; "" = fine, else the reason   |

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/version.hpp"

namespace cxb::server {

enum class setting_kind : std::uint8_t { text, integer, boolean, list, document };

/// Bits of `setting::used_by`.
inline constexpr unsigned for_api = 1;
inline constexpr unsigned for_core = 2;
inline constexpr unsigned for_both = for_api | for_core;

using text_check = std::string (*)(std::string_view text);

struct setting {
    std::string_view path;
    setting_kind kind = setting_kind::text;
    std::string_view fallback;
    std::string_view doc;
    unsigned used_by = for_api;
    bool secret = false;
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::string_view words{};
    std::string_view aliases{};
    text_check check = nullptr;
};

/// All rows, in the order of the example file; rows of one section stand together.
[[nodiscard]] std::span<setting const> all_settings() noexcept;
/// Row of a yaml path; null when there is none.
[[nodiscard]] setting const* find_setting(std::string_view path) noexcept;

/// `CXB_HTTP_PUBLIC_URL` for `http.public_url`.
[[nodiscard]] std::string env_name(std::string_view path);
/// `CXB_` name first, then the aliases.
[[nodiscard]] std::vector<std::string> env_names(setting const& row);

/// Is this yaml path, or are paths below it, the business of a chapter without rows here?
[[nodiscard]] bool is_foreign_path(std::string_view path) noexcept;
/// Is this variable known: a row's, an alias, a `_FILE` form, one of `cxb`, or of a foreign path?
[[nodiscard]] bool is_known_variable(std::string_view name);

}  // namespace cxb::server
