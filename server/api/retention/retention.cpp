#include "server/api/retention/retention.hpp"

#include "server/api/calls/trace_rows.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;

void count(retention_means const& with, char const* what, std::size_t removed) {
    if (removed > 0)
        with.metrics.get_counter("cxb_retention_removed_total", {what})
            .add(static_cast<double>(removed));
}

store::async<std::size_t> remove_old_traces(server::loop_lease& lease, store::filter old) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < retention_portions; ++i) {
        CXB_CO_TRY(auto const removed, co_await lease.remove(model::call_trace, old));
        out += removed;
        if (removed < server::leased_removals) break;
    }
    co_return out;
}

}  // namespace

store::async<retention_counts> apply_retention(retention_means with, retention_block kept,
                                               server::loop_lease& lease) {
    time_point const now = with.time.now();
    auto const before = [now](int days) { return now - std::chrono::days{days}; };
    retention_counts out;
    if (kept.calls_days > 0) {
        CXB_CO_TRY(out.calls, co_await remove_old_calls(with, lease, before(kept.calls_days)));
        count(with, "calls", out.calls);
    }
    if (kept.recordings_days > 0) {
        CXB_CO_TRY(out.recordings,
                   co_await remove_old_recordings(with, lease, before(kept.recordings_days)));
        count(with, "recordings", out.recordings);
    }
    if (kept.transcripts_days > 0) {
        CXB_CO_TRY(out.transcripts,
                   co_await remove_old_transcripts(with, lease, before(kept.transcripts_days)));
        count(with, "transcripts", out.transcripts);
    }
    if (auto old = old_traces(kept.trace_days, now)) {
        CXB_CO_TRY(out.traces, co_await remove_old_traces(lease, *std::move(old)));
        count(with, "traces", out.traces);
    }
    co_return out;
}

}  // namespace cxb::api
