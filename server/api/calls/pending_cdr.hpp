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

/// A call is about to be inserted: takes over the CDR waiting for its `stream_id`, in the same
/// transaction.
store::async<void> add_pending_cdr(store::document_store& store, wire::json_object& new_call,
                                   store::batch& writes, time_point now);

/// Stores a CDR. Errors: `invalid` when it is no object, those of the store.
store::async<contract::cdr::cdr_ack> take_cdr(store::document_store& store,
                                              server::keyed_turn& turns, std::string body,
                                              time_point now, random_source& random);

}  // namespace cxb::api
