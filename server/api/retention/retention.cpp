#include "server/api/retention/retention.hpp"

#include <set>

#include "server/api/calls/trace_rows.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

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

bool halve_portion(error const& failure, std::size_t& size) {
    if (failure.code() != errc::too_large || size < 2) return false;
    size /= 2;
    return true;
}

store::async<std::vector<json_object>> without_people(store::document_store& store,
                                                      std::vector<json_object> calls) {
    if (calls.empty()) co_return calls;
    wire::json_array sessions;
    for (auto const& call : calls)
        sessions.push_back(json_value(wire::text_at(call, "session_id")));
    store::find_options all;
    all.limit = 0;
    all.only = {"parent_call_id"};
    CXB_CO_TRY(auto const open,
               co_await store.find(model::agent_desk_handoffs,
                                   store::all_of({store::in("parent_call_id", std::move(sessions)),
                                                  store::eq("status", "open")}),
                                   all));
    std::set<std::string_view> with_people;
    for (auto const& row : open.items)
        with_people.insert(wire::text_at(row, "parent_call_id"));
    std::erase_if(calls, [&](json_object const& call) {
        return with_people.contains(wire::text_at(call, "session_id"));
    });
    co_return calls;
}

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
