#pragma once
/// @file
/// The telephone caller behind a LiveKit event (spec 21 §7): who waits in which room, and which
/// number was dialled.
///
/// | member        | from                                                                        |
/// |---------------|-----------------------------------------------------------------------------|
/// | room          | name of the room, which begins with `call-`                                 |
/// | caller_number | `sip.phoneNumber`, else the identity after `sip_` or `sip-`; "" = withheld  |
/// | dialed_number | `sip.calledNumber`, else `sip.trunkPhoneNumber`; "" = the trunk must say    |
/// | trunk_id      | `sip.trunkID`                                                               |
/// | call_id       | `sip.callID` where it can be the id of a call                               |
///
/// Thread-safety: pure functions; the store outlives the coroutine.

#include <optional>
#include <string>

#include "cxb/contract/dispatch/dispatch_request.hpp"
#include "cxb/contract/livekit/livekit_event.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

struct waiting_caller {
    std::string room;
    std::string caller_number;
    std::string dialed_number;
    std::string trunk_id;
    std::optional<std::string> call_id;
};

/// Empty: the event does not say that a caller has come.
[[nodiscard]] std::optional<waiting_caller> waiting_caller_of(
    contract::livekit::livekit_event const& event);

/// First number of the carrier with that inbound trunk on which calls come in; "": there is none.
store::async<std::string> number_of_trunk(store::document_store& store, std::string trunk_id);

/// The order for a worker. A caller whose number nobody can name is dispatched with the number
/// `unknown`: the worker finds no bot for it and lets the caller go, instead of silence.
[[nodiscard]] contract::dispatch::dispatch_request dispatch_of(waiting_caller const& caller);

}  // namespace cxb::api
