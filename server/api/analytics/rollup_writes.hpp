#pragma once
/// @file
/// Counters in `call_rollups`, changed in the transaction of the fact they count (spec 21 §11).
///
/// They are only ever added to, so nothing has to be read for it and two results of one slot do not
/// get in each other's way: neither in one group commit nor between instances. What a call adds is
/// bound by the write of the call to the contribution that was read with it. The first call of a
/// slot makes the document; two instances that do so at once differ by the unique key, and the
/// whole batch of one is not applied (label `rollup`) and must be decided anew.

#include <optional>

#include "cxb/domain/call_rollup.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// Label of the condition that fails when two instances make a slot's document at once.
inline constexpr char const* rollup_made = "rollup";

void add_rollups(store::batch& writes, domain::rollup_changes const& changes);

/// Where a stored call is counted; none when it is not.
[[nodiscard]] std::optional<domain::rollup_key> counted_in(wire::json_object const& call);

}  // namespace cxb::api
