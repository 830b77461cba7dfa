#pragma once
/// @file
/// Text for people: aligned tables, readable times, values of JSON members.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::cli {

/// Columns padded to their widest cell (code points), two blanks between, no blanks at line ends.
[[nodiscard]] std::string format_table(std::vector<std::string> const& heads,
                                       std::vector<std::vector<std::string>> const& rows);

/// `2026-01-02 03:04:05` (UTC) of a wire timestamp; any other text unchanged, "" is `-`.
[[nodiscard]] std::string readable_time(std::string_view timestamp);

/// A member as a cell: text as it is, lists joined by commas, objects compact, absent or null `-`.
[[nodiscard]] std::string cell(wire::json_object const& row, std::string_view path);

/// One column of a list of objects.
struct column {
    std::string_view head;
    std::string_view path;
    bool time = false;
};
[[nodiscard]] std::string format_rows(wire::json_array const& rows,
                                      std::vector<column> const& columns);

/// `name  value` lines of an object; nested values are compact JSON. Long texts are cut at 200.
[[nodiscard]] std::string format_object(wire::json_object const& object);

}  // namespace cxb::cli
