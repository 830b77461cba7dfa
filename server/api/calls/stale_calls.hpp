#pragma once
/// @file
/// Calls whose worker died without a word (spec 21 §1.6). One process looks each minute; what is
/// over for longer than `stale_grace` gets a minimal result with `result_missing`, by the rule and
/// the transaction of any other result. A real one that comes later takes its place.
///
/// Left alone: calls that are with people (an open row of `agent_desk_handoffs`), and calls whose
/// result comes meanwhile: the write is bound to the revision that was read.

#include <optional>

#include "cxb/store/document_store.hpp"
#include "server/api/services.hpp"
#include "server/common/leases/loop_lease.hpp"

namespace cxb::api {

/// After the longest the call may last.
inline constexpr std::chrono::minutes stale_grace{15};

/// From when on a call without a result is over; empty when its beginning cannot be read.
[[nodiscard]] std::optional<time_point> stale_after(wire::json_object const& call);

/// One look; all its writes carry the fence of the lease. Gives how many calls it ended. Errors:
/// those of the store; what was ended before stays ended.
store::async<std::size_t> end_stale_calls(api_services const& api, server::loop_lease& lease);

}  // namespace cxb::api
