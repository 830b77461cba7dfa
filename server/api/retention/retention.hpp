#pragma once
/// @file
/// Removing what has been kept long enough: settings `retention` (spec 20 §4, 21 §2.1). One process
/// does it for all, under the lease of the clean-up; every write carries its fence.
///
/// | setting          | what goes once a call is older                                      |
/// |------------------|---------------------------------------------------------------------|
/// | calls_days       | the call with all that belongs to it; counters of analytics stay     |
/// | recordings_days  | its recording and every way to it                                    |
/// | transcripts_days | what was said: transcript, event data, excerpts, bodies of its jobs  |
/// | trace_days       | rows of its trace, each by its own age                               |
///
/// 0 keeps for ever. A call without its result is never touched, nor one that is with people.
/// Objects are removed by `recording_removal` jobs, one for a portion, so that a store that is away
/// holds up nothing else.
///
/// A removed call is not found again. For recordings and transcripts the row `retention` of
/// `system_runtime` keeps up to which `created_at` everything was looked through, changed in the
/// transaction of what was removed: a turn goes on where the last one stopped, in whichever
/// process. Once a day it begins anew, for calls to which a late result brought something back;
/// what is done then is passed over by declared fields, without reading it.
///
/// A turn ends after `retention_portions` of each, and after the first error; what it did stays
/// done. Thread-safety: one turn at a time.

#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/settings/settings_document.hpp"
#include "server/common/leases/loop_lease.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

/// Calls that one transaction treats; with their jobs and rows some 200 documents.
inline constexpr std::size_t retention_portion = 40;
/// Portions of one turn, for each setting: the others wait for the next.
inline constexpr std::size_t retention_portions = 250;
/// How often the looking through begins anew.
inline constexpr std::chrono::hours retention_round{24};

/// Member of a call whose words were removed. A later result that brings some takes it away.
inline constexpr std::string_view transcript_removed_at = "transcript_removed_at";

/// All outlive the turn.
struct retention_means {
    store::document_store& store;
    clock const& time;
    random_source& random;
    server::metrics_registry& metrics;
};

/// What a turn removed; also told by `cxb_retention_removed_total`.
struct retention_counts {
    std::size_t calls = 0;
    std::size_t recordings = 0;
    std::size_t transcripts = 0;
    std::size_t traces = 0;  ///< documents of `call_trace`
    [[nodiscard]] bool any() const noexcept {
        return calls + recordings + transcripts + traces > 0;
    }
};

/// One turn. Errors: those of the store and of the lease.
store::async<retention_counts> apply_retention(retention_means with, retention_block kept,
                                               server::loop_lease& lease);

/// May a portion that failed be tried again in halves, because it is more than a transaction of
/// this store takes? Halves `size` then.
[[nodiscard]] bool halve_portion(error const& failure, std::size_t& size);

/// Of the calls those that are not with people (an open row of `agent_desk_handoffs`).
store::async<std::vector<wire::json_object>> without_people(store::document_store& store,
                                                            std::vector<wire::json_object> calls);

/// The parts of a turn; `before`: calls created earlier. They give how many calls they treated.
store::async<std::size_t> remove_old_calls(retention_means const& with, server::loop_lease& lease,
                                           time_point before);
store::async<std::size_t> remove_old_recordings(retention_means const& with,
                                                server::loop_lease& lease, time_point before);
store::async<std::size_t> remove_old_transcripts(retention_means const& with,
                                                 server::loop_lease& lease, time_point before);

}  // namespace cxb::api
