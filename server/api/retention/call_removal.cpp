// Calls that go as a whole (settings `retention.calls_days`).
#include <algorithm>

#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/push/push_job.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/api/retention/retention.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr int max_decisions = 5;
constexpr std::string_view moved = "call_moved";

store::filter ended_before(time_point before) {
    return store::all_of({store::lt("created_at", json_value(format_timestamp(before))),
                          store::ne("status", "active")});
}

json_array sessions_of(std::vector<json_object> const& calls) {
    json_array out;
    for (auto const& call : calls)
        out.push_back(json_value(wire::text_at(call, "session_id")));
    return out;
}

store::filter of_sessions(json_array sessions) {
    return store::all_of({store::in("session_id", std::move(sessions))});
}

// As removals of others, no match is no failure.
void remove_if_any(store::batch& writes, store::collection const& from, store::filter where) {
    writes.remove_one(from, std::move(where));
    writes.writes().back().must_match = false;
}

// A job that removes objects goes on until they are gone. Of others also those that are still to
// run go: what they would send is about a call that is not there any more.
store::async<void> add_job_removals(retention_means const& with, json_array sessions,
                                    store::batch& writes) {
    store::find_options all;
    all.limit = 0;
    all.only = {"kind", "state", "payload"};
    CXB_CO_TRY(auto const jobs,
               co_await with.store.find(server::jobs, of_sessions(std::move(sessions)), all));
    domain::rollup_changes counts;
    for (auto const& job : jobs.items) {
        auto const state = wire::text_at(job, "state");
        bool const open = state == server::job_state::queued || state == server::job_state::running;
        auto const kind = wire::text_at(job, "kind");
        if (open && kind == removal_kind) continue;
        if (open && kind == push_kind) count_push(counts, job, state, server::job_state::cancelled);
        auto as_read = store::by_id(wire::text_at(job, "_id"));
        as_read.all.push_back(store::eq("state", json_value(state)));
        writes.remove_one(server::jobs, std::move(as_read), std::string(moved));
    }
    add_rollups(writes, counts);
    co_return result<void>{};
}

store::async<store::batch> decide(retention_means const& with,
                                  std::vector<json_object> const& calls) {
    store::batch writes;
    removal_order objects{fresh_removal_key(with.time.now(), with.random), {}, {}, {}};
    for (auto const& call : calls) {
        auto as_read = store::by_id(wire::text_at(call, "_id"));
        auto const* const rev = call.if_contains("rev");
        as_read.all.push_back(rev != nullptr ? store::eq("rev", *rev) : store::missing("rev"));
        writes.remove_one(model::calls, std::move(as_read), std::string(moved));
        auto const session = wire::text_at(call, "session_id");
        remove_if_any(writes, model::dialouts, model::of_session(session));
        remove_if_any(writes, model::agent_desk_handoffs,
                      store::all_of({store::eq("parent_call_id", json_value(session))}));
        std::ranges::move(recording_objects(call), std::back_inserter(objects.objects));
    }
    CXB_CO_CHECK(co_await add_job_removals(with, sessions_of(calls), writes));
    add_removal(writes, std::move(objects), with.time.now(), with.random);
    co_return writes;
}

store::async<void> remove_rows(server::loop_lease& lease, store::collection const& from,
                               json_array const& sessions) {
    for (;;) {
        CXB_CO_TRY(auto const removed, co_await lease.remove(from, of_sessions(sessions)));
        if (removed < server::leased_removals) co_return result<void>{};
    }
}

// What has many rows goes first, in portions of its own; the call itself last and at once, so that
// it is found again if this is cut short.
store::async<std::size_t> remove_portion(retention_means const& with, server::loop_lease& lease,
                                         std::vector<json_object> found, store::filter still) {
    CXB_CO_TRY(auto calls, co_await without_people(with.store, std::move(found)));
    for (int i = 0; i < max_decisions && !calls.empty(); ++i) {
        auto const sessions = sessions_of(calls);
        CXB_CO_CHECK(co_await remove_rows(lease, model::call_trace, sessions));
        CXB_CO_CHECK(co_await remove_rows(lease, model::call_refusals, sessions));
        CXB_FAIL_POINT("retention.rows_removed");
        CXB_CO_TRY(auto writes, co_await decide(with, calls));
        CXB_CO_TRY(auto const done, co_await lease.commit(std::move(writes)));
        if (done.applied) {
            CXB_FAIL_POINT("retention.calls_removed");
            co_return calls.size();
        }
        auto again = still;
        again.all.push_back(store::in("session_id", sessions));
        store::find_options all;
        all.limit = 0;
        CXB_CO_TRY(auto page, co_await with.store.find(model::calls, std::move(again), all));
        CXB_CO_TRY(calls, co_await without_people(with.store, std::move(page.items)));
    }
    co_return std::size_t{0};
}

}  // namespace

store::async<std::size_t> remove_old_calls(retention_means const& with, server::loop_lease& lease,
                                           time_point before) {
    auto const old = ended_before(before);
    store::find_options portion;
    portion.sort = {{"created_at", false}};
    portion.limit = retention_portion;
    portion.only = {"session_id", "created_at", "rev", "recording_key", "recording_url"};
    std::size_t out = 0;
    for (std::size_t i = 0; i < retention_portions; ++i) {
        CXB_CO_TRY(auto page, co_await with.store.find(model::calls, old, portion));
        auto const removed = co_await remove_portion(with, lease, std::move(page.items), old);
        if (!removed && halve_portion(removed.error(), portion.limit)) continue;
        CXB_CO_CHECK(removed);
        out += *removed;
        portion.after = std::move(page.next);
        if (portion.after.empty()) break;
    }
    co_return out;
}

}  // namespace cxb::api
