#pragma once
/// @file
/// CDRs: on the newest call of their stream, or kept 24 h until such a call appears
/// (spec 10 §5, 21 §1.4). CDR members and result members never overlap, so their order is free.

#include <string>

#include "cxb/base/random.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/store/document_store.hpp"
#include "server/common/async/keyed_turn.hpp"

namespace cxb::api {

/// Who brings a call under a `stream_id` and who brings its CDR take turns by this key, so that
/// neither looks for the other just before it comes.
[[nodiscard]] std::string cdr_turn_key(std::string_view stream_id);

/// A call is about to get its `stream_id`: adds the members of the CDR that waits for it to
/// `members`, in the same transaction. The caller holds the turn of the stream.
store::async<void> add_pending_cdr(store::document_store& store, wire::json_object& members,
                                   store::batch& writes, time_point now);

/// Stores a CDR. Errors: `invalid` when it is no object, those of the store.
store::async<contract::cdr::cdr_ack> take_cdr(store::document_store& store,
                                              server::keyed_turn& turns, std::string body,
                                              time_point now, random_source& random);

}  // namespace cxb::api
