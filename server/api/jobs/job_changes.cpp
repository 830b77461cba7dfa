#include "server/api/jobs/job_changes.hpp"

#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/push/push_job.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using wire::json_object;
using wire::json_value;

constexpr int max_readings = 5;

// What becomes of the newest push stands on its call as well; a delivered one stays delivered.
void tell_call(store::batch& writes, domain::rollup_changes& counts, json_object const& job,
               job_change what) {
    if (wire::text_at(job, "kind") != push_kind) return;
    using namespace server::job_state;
    bool const retry = what == job_change::retry;
    count_push(counts, job, retry ? dead : queued, retry ? queued : cancelled);
    auto const id = wire::text_at(job, "_id");
    auto const session = wire::text_at(job, "session_id");
    if (retry) {
        writes.update_if_any(server::model::calls, server::model::of_session(session),
                             queued_push(id));
        return;
    }
    auto where = call_of_newest_push(session, id);
    where.all.push_back(store::eq("push_state", "queued"));
    writes.update_if_any(server::model::calls, std::move(where),
                         store::update{}.set("push_state", "skipped").inc("rev", 1));
}

store::filter dead_jobs(dead_letter_body const& order) {
    auto where = store::all_of({store::eq("kind", json_value(order.kind)),
                                store::eq("state", server::job_state::dead),
                                store::gte("created_at", json_value(format_timestamp(order.from))),
                                store::lt("created_at", json_value(format_timestamp(order.to)))});
    if (!order.bot_id.empty()) where.all.push_back(store::eq("bot_id", json_value(order.bot_id)));
    return where;
}

audited_write requeue_all(std::vector<json_object> const& jobs, dead_letter_body const& order,
                          time_point now) {
    audited_write what;
    domain::rollup_changes counts;
    for (auto const& job : jobs) {
        server::add_requeue(what.writes, wire::text_at(job, "_id"), now);
        tell_call(what.writes, counts, job, job_change::retry);
    }
    add_rollups(what.writes, counts);
    what.entry = {"job.retry_dead", "job", order.kind, order.kind, {}};
    auto& changes = what.entry.changes;
    changes.push_back({"from", nullptr, json_value(format_timestamp(order.from))});
    changes.push_back({"to", nullptr, json_value(format_timestamp(order.to))});
    if (!order.bot_id.empty()) changes.push_back({"bot_id", nullptr, json_value(order.bot_id)});
    changes.push_back({"queued", nullptr, static_cast<std::int64_t>(jobs.size())});
    return what;
}

}  // namespace

store::async<void> change_job(api_services& api, std::string id, job_change change,
                              audit_actor actor) {
    bool const retry = change == job_change::retry;
    CXB_CO_TRY(auto const job, co_await api.store->find_one(server::jobs, store::by_id(id)));
    if (!job) co_return error{errc::not_found, "Job not found"};
    audited_write what;
    if (retry)
        server::add_requeue(what.writes, id, api.time->now());
    else
        server::add_cancel(what.writes, id, api.time->now());
    domain::rollup_changes counts;
    tell_call(what.writes, counts, *job, change);
    add_rollups(what.writes, counts);
    what.entry = {
        retry ? "job.retry" : "job.cancel", "job", id, std::string(wire::text_at(*job, "key")), {}};
    auto const done = co_await api.audit->commit(std::move(actor), std::move(what));
    if (!done && done.error().reason() == "job")
        co_return error{errc::conflict,
                        retry ? "Only a dead job can be retried" : "The job has ended already"};
    co_return done;
}

store::async<std::size_t> retry_dead_letters(api_services& api, dead_letter_body order,
                                             audit_actor actor) {
    if (order.to <= order.from) co_return invalid_member("/to", "must be after from");
    std::size_t queued = 0;
    int readings = 0;
    store::find_options options;
    options.sort = {{"created_at", false}};
    options.limit = dead_letter_portion;
    while (queued < max_dead_letters) {
        CXB_CO_TRY(auto const page,
                   co_await api.store->find(server::jobs, dead_jobs(order), options));
        if (page.items.empty()) break;
        auto const done =
            co_await api.audit->commit(actor, requeue_all(page.items, order, api.time->now()));
        // Somebody else moved one of them: what is still dead is read once more.
        if (!done && done.error().reason() == "job" && ++readings < max_readings) continue;
        CXB_CO_CHECK(done);
        readings = 0;
        queued += page.items.size();
        if (page.next.empty()) break;
        options.after = page.next;
    }
    co_return queued;
}

}  // namespace cxb::api
