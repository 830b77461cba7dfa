#pragma once
/// @file
/// Members of a document that its field table does not know, at any depth: kept where they stood,
/// and named (spec 20 §5.1 `warnings[]`).
/// Thread-safety: a pure function.

#include <string>
#include <vector>

#include "cxb/wire/json.hpp"
#include "cxb/wire/object_table.hpp"

namespace cxb::api {

/// Copies from `sent` into `kept`, which was written from what the table read of `sent`, every
/// member that no row names; null ones count as absent. Inside free-form members everything is
/// known. Gives their paths, with dots: `future`, `llm.temprature`, `tools.0.retries`.
std::vector<std::string> keep_unknown_members(wire::object_table const& table,
                                              wire::json_object const& sent,
                                              wire::json_object& kept);

}  // namespace cxb::api
