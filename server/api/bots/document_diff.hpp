#pragma once
/// @file
/// What differs between two JSON documents, member by member (spec 20 §5.2 `diff`).
///
/// Objects are compared by member, lists by index; whatever else differs is one change. Members of
/// the newer document come in its order, then what is only in the older one.
/// Thread-safety: pure functions.

#include <optional>
#include <string>
#include <vector>

#include "cxb/wire/json.hpp"

namespace cxb::api {

/// Absent `old_value`: added; absent `new_value`: removed; both: replaced.
struct document_change {
    std::string path;  ///< JSON Pointer
    std::optional<wire::json_value> old_value;
    std::optional<wire::json_value> new_value;
};

[[nodiscard]] std::vector<document_change> diff_documents(wire::json_object const& from,
                                                          wire::json_object const& to);

/// `{path, op, old?, new?}`.
[[nodiscard]] wire::json_object to_json(document_change const& change);

}  // namespace cxb::api
