#pragma once
/// @file
/// One LiveKit event leads to one hand-over, however often it is sent and to whichever process
/// (spec 21 §7): a row of `livekit_events` with the event's id.
///
/// | row                                     | a repeat is                                        |
/// |-----------------------------------------|----------------------------------------------------|
/// | none, or its time is over               | the first one                                      |
/// | claimed less than `handover_limit` ago  | `busy`: another process is at it, ask again        |
/// | kept, for 24 h                          | `done`                                             |
///
/// A claim that is neither kept nor dropped, because its process died, ends by itself: LiveKit's
/// next try is then the first one again. Rows whose time is over are removed by the clean-up.
/// Thread-safety: no shared state; the store outlives the coroutines.

#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// Longer than any hand-over takes.
inline constexpr seconds handover_limit{45};
inline constexpr std::chrono::hours event_kept_for{24};

enum class event_state { ours, busy, done };

struct event_claim {
    event_state state = event_state::busy;
    std::string event_id;
    std::string until;  ///< as the row says; whoever takes it over writes another moment
};

/// Errors: those of the store.
store::async<event_claim> claim_event(store::document_store& store, std::string event_id,
                                      time_point now);
/// The event has been seen to.
store::async<void> keep_claim(store::document_store& store, event_claim claim, time_point now);
/// Nothing came of it: a repeat is to be tried.
store::async<void> drop_claim(store::document_store& store, event_claim claim);

}  // namespace cxb::api
