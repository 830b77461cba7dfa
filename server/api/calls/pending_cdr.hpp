#pragma once
/// @file
/// CDRs: on the newest call of their stream, or kept 24 h until such a call appears
/// (spec 10 §5, 21 §1.4). CDR members and result members never overlap, so their order is free.

#include <string>

#include "cxb/base/random.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// A call is about to get its `stream_id`: adds the members of a CDR that waits for it to
/// `members`, in the same transaction, so that what is caused together with it holds them.
store::async<void> add_pending_cdr(store::document_store& store, wire::json_object& members,
                                   store::batch& writes, time_point now);

/// Brings a CDR that waits for a stream and the newest call of that stream together. True: none
/// waits. A CDR and its call may be written in the same moment by two processes, neither of which
/// sees the other's; so both look once more by this, after their write and before they answer. Each
/// look comes after one of the writes, and one of them after both. Who dies in between has not
/// answered, and is asked again.
/// Errors: those of the store, `unavailable` when both keep changing.
store::async<bool> unite_cdr(store::document_store& store, std::string stream_id, time_point now,
                             random_source& random);

/// Stores a CDR. Errors: `invalid` when it is no object, those of the store.
store::async<contract::cdr::cdr_ack> take_cdr(store::document_store& store, std::string body,
                                              time_point now, random_source& random);

}  // namespace cxb::api
