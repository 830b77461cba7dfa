#pragma once
/// @file
/// A yaml file as a plain tree; the body alone sees yaml-cpp.

#include <filesystem>
#include <string>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::server {

struct yaml_node {
    enum class kind { null, scalar, list, map };
    kind what = kind::null;
    std::string text;                ///< of a scalar
    std::vector<std::string> names;  ///< of a map: keys of `items`
    std::vector<yaml_node> items;
};

/// Errors: `malformed` with line and reason (syntax, a key twice, more than one document),
/// `not_found` when the file cannot be opened, `too_large` over 1 MiB.
[[nodiscard]] result<yaml_node> read_yaml_file(std::filesystem::path const& file);
[[nodiscard]] result<yaml_node> parse_yaml(std::string const& text);

/// The tree as JSON: plain scalars that read as number, boolean or null become such.
[[nodiscard]] wire::json_value to_json(yaml_node const& node);

}  // namespace cxb::server
