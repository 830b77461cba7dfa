#pragma once
/// @file
/// Parts of an operation of the OpenAPI document, each made from the route's row alone.
/// Thread-safety: pure functions.

#include <string>
#include <string_view>

#include "cxb/wire/json.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

[[nodiscard]] std::string lower_method(std::string_view method);
/// Method and pattern with `_` between their words.
[[nodiscard]] std::string operation_id(route const& row);
/// `/a/{key*}` is written `/a/{key}`.
[[nodiscard]] std::string open_path(std::string_view pattern);
/// What it does, and who may call it.
[[nodiscard]] std::string description_of(route const& row);
/// Is a body of the request worth describing: does the row know one?
[[nodiscard]] bool takes_body(route const& row) noexcept;
/// Of the path, the query and the headers, with an example where one is known.
[[nodiscard]] wire::json_array parameters_of(route const& row);
/// JSON as what it says, other types as text.
[[nodiscard]] wire::json_value read_example(std::string_view text, std::string_view type);
/// Adds a response per status of `refusals_of`. `x-codes` maps each code to when it comes.
void add_refusals(route const& row, wire::json_object& responses);

}  // namespace cxb::server
