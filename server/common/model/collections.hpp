#pragma once
/// @file
/// Every collection of the control plane, declared once (spec 20 §11, 21 §12). The store adapters
/// make tables and indexes from these rows at start; filters and sorts may name only what stands
/// here. `jobs` is declared beside the job engine (`server/common/jobs`).
///
/// Documents carry exactly the members of the spec; timestamps are wire texts.

#include <span>
#include <string_view>

#include "cxb/store/collection.hpp"
#include "cxb/store/query.hpp"

namespace cxb::server::model {

extern store::collection const users;
extern store::collection const login_throttle;
extern store::collection const api_keys;
extern store::collection const system_settings;
extern store::collection const system_runtime;
extern store::collection const bots;
extern store::collection const bot_versions;
extern store::collection const call_refusals;
extern store::collection const audit_log;
extern store::collection const calls;
extern store::collection const call_trace;
extern store::collection const cdr_pending;
extern store::collection const dialouts;
extern store::collection const agent_desk_handoffs;
extern store::collection const fleet_reservations;
extern store::collection const push_hosts;
extern store::collection const campaigns;
extern store::collection const campaign_calls;
extern store::collection const dids;
extern store::collection const call_rollups;
extern store::collection const webhook_endpoints;
extern store::collection const carriers;
extern store::collection const integrations;
extern store::collection const livekit_events;
extern store::collection const event_tickets;
extern store::collection const live_prompt_cache_events;

/// All of the above, for `ensure` at start and for the reference page.
[[nodiscard]] std::span<store::collection const* const> all_collections() noexcept;

/// The documents of one session, in any collection that has a `session_id`.
[[nodiscard]] store::filter of_session(std::string_view session_id);

}  // namespace cxb::server::model
