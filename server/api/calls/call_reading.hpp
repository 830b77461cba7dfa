#pragma once
/// @file
/// Calls as people and keys read them: list filters, the whole document, events, trace
/// (spec 21 §2, §1.7). Pure parts and store look-ups; nothing here writes.

#include <string>

#include "cxb/domain/phone_number.hpp"
#include "cxb/store/document_store.hpp"
#include "server/common/http/principal.hpp"
#include "server/common/http/query_reader.hpp"

namespace cxb::api {

struct call_choice {
    store::filter where;
    std::vector<store::sort_key> sort;
};

/// What lists and exports of calls share: all filters and the order; a key sees its bots only.
/// Faults stay with the reader.
[[nodiscard]] call_choice read_call_choice(server::query_reader& read,
                                           server::principal const& caller,
                                           std::string const& phone_region, time_point now);

struct call_list_ask {
    call_choice calls;
    server::list_query page;
};

/// `GET /calls`. Errors: `invalid` with every fault.
[[nodiscard]] result<call_list_ask> read_call_list(wire::query_list const& query,
                                                   server::principal const& caller,
                                                   std::string const& phone_region, time_point now);

/// The stored members that a row of the list is made of.
[[nodiscard]] std::vector<std::string> listed_members();
/// A row of the list.
[[nodiscard]] wire::json_object listed_call(wire::json_object call);

/// The whole call without its token, with `public_recording_url`. `reachable_recording`: its
/// `recording_url` becomes the path under which this API plays it.
[[nodiscard]] wire::json_object shown_call(wire::json_object call, std::string const& base,
                                           bool reachable_recording = false);

/// `id` is a session_id or 24 hex. Errors: `not_found` `Call not found`, also for a bot that the
/// key may not see.
store::async<wire::json_object> find_call(store::document_store& store, std::string id,
                                          server::principal const& caller);

/// Result events, integration log and status changes in order of time. Errors: those of the store.
store::async<wire::json_array> events_of(store::document_store& store, wire::json_object call);

/// Stored rows, events of the Core and refusals, ordered by at, then seq. Errors: `not_found` when
/// nothing is known of the id.
store::async<wire::json_array> trace_of(store::document_store& store, std::string id,
                                        server::principal const& caller);

}  // namespace cxb::api
