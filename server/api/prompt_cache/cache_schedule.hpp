#pragma once
/// @file
/// The daily runs of the live prompt caches (spec 20 §10 "Scheduler"): prewarm makes a fresh cache
/// for every bot that wants one, cleanup deletes those of bots that want none, and old events.
///
/// The last runs stand in the loop's own row of `system_runtime`, `live_prompt_cache`:
///
/// | member      | type      | meaning                                       |
/// |-------------|-----------|-----------------------------------------------|
/// | prewarm_at  | timestamp | when the last prewarm began                   |
/// | cleanup_at  | timestamp | when the last cleanup began                   |
/// They are written after the run, whatever it came to: a process that dies in the middle leaves
/// the run to the next holder of the lease, who finds the caches made since the hour and makes the
/// rest. Runs end early, and are not noted, when the lease is lost.
/// Thread-safety: one run at a time, on one executor.

#include "server/api/prompt_cache/live_prompt_caches.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {

/// Name of the loop and of its row.
inline constexpr std::string_view cache_loop = "live_prompt_cache";
/// Bots that are worked on at once.
inline constexpr std::size_t caches_at_once = 4;

/// Does what is due. Errors: of the store; `upstream_failed` when some caches could not be made or
/// deleted, the detail says how many and the first cause.
store::async<void> run_cache_schedule(live_prompt_caches& caches, store::document_store& store,
                                      server::loop_lease& lease,
                                      server::prompt_cache_settings settings, clock const& time,
                                      random_source& random);

}  // namespace cxb::api
