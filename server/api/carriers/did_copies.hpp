#pragma once
/// @file
/// The numbers of a carrier as rows of `dids`, and what forbids to take one or to let one go
/// (spec 21 §7). Private to carriers/.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// Rows of `dids` by their id.
using did_rows = std::map<std::string, wire::json_object>;
[[nodiscard]] did_rows rows_of(wire::json_object const& carrier);

/// Adds what makes the rows `after` of those `before`, and claims each bot that is newly mapped.
void add_did_writes(store::batch& writes, did_rows const& before, did_rows const& after);
/// Labels of these writes.
inline constexpr std::string_view number_taken = "number_in_use";

/// `list_at`: pointer of the list in the body, "" for one number alone.
/// Errors: `conflict` `number_in_use` when another carrier, or another number of this one, has it.
store::async<void> check_numbers_free(store::document_store& store, did_rows const& before,
                                      did_rows const& after);
/// Errors: `invalid` at the `bot_id` of a number whose bot does not exist. `dids` as they stand in
/// the body.
store::async<void> check_bots(store::document_store& store, wire::json_array dids,
                              std::string list_at);
/// Errors: `conflict` `carrier_in_use` with `campaigns[{id, name}]` when a running campaign calls
/// with a number that goes.
store::async<void> check_not_in_pool(store::document_store& store, did_rows const& before,
                                     did_rows const& after);

}  // namespace cxb::api
