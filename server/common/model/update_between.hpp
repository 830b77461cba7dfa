#pragma once
/// @file
/// A changed document as an update of the members that differ, so that what somebody else writes
/// into other members meanwhile stays. Without I/O.

#include <string_view>

#include "cxb/store/document_store.hpp"

namespace cxb::server::model {

/// Says of a member of the document that will be that it is written even when it is the same.
using member_rule = bool (*)(std::string_view name, wire::json_value const& value);

/// What makes `after` of `before`; members that are gone are unset. `always` (null: none) is for
/// members that hold secrets: plain ones are sealed with the next save (spec 20 §3.5).
[[nodiscard]] store::update update_between(wire::json_object const& before,
                                           wire::json_object const& after,
                                           member_rule always = nullptr);

}  // namespace cxb::server::model
