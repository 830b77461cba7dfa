#include "server/api/push/push_routes.hpp"

#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/api/push/push_job.hpp"
#include "server/api/push/push_replay.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

handler_result push_again(request_context& context) {
    wire::json_object body;
    if (!context.request.body.empty()) {
        CXB_CO_TRY(body, context.object_body());
    }
    replay_order order;
    auto const* given = body.if_contains("mode");
    order.mode = given == nullptr ? "rebuild" : wire::text_at(body, "mode");
    order.reason = wire::text_at(body, "reason");
    order.base = context.public_base;
    if (order.mode != "rebuild" && order.mode != "same")
        co_return invalid_member("/mode", "must be rebuild or same");
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto call, co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto const job, co_await replay_push(api, std::move(call), std::move(order),
                                                    audit_actor::of(context)));
    co_return json_response(202, wire::json_object{{"job_id", job}});
}

handler_result list_pushes(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const call,
               co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto jobs,
               co_await pushes_of(*api.store, std::string(wire::text_at(call, "session_id"))));
    co_return json_response(200, std::move(jobs));
}

handler_result list_jobs(request_context& context) {
    server::query_reader read(context.query);
    store::filter where;
    for (char const* name : {"kind", "state", "key"})
        if (auto const value = read.text(name))
            where.all.push_back(store::eq(name, wire::json_value(*value)));
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page, co_await server::fetch_list(*api.store, server::jobs, std::move(where),
                                                      asked, server::newest_first(), &shown_job));
    co_return json_response(200, std::move(page));
}

// What becomes of the newest push stands on its call as well; a delivered one stays delivered.
void tell_call(store::batch& writes, wire::json_object const& job, bool retry) {
    if (wire::text_at(job, "kind") != push_kind) return;
    domain::rollup_changes counts;
    using namespace server::job_state;
    count_push(counts, job, retry ? dead : queued, retry ? queued : cancelled);
    add_rollups(writes, counts);
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

// Both are bound to the state they start from, so a job that moved on is not disturbed.
handler_result change_job(request_context& context, bool retry) {
    auto& api = context.service<api_services>();
    std::string const& id = context.param("id");
    CXB_CO_TRY(auto const job, co_await api.store->find_one(server::jobs, store::by_id(id)));
    if (!job) co_return error{errc::not_found, "Job not found"};
    audited_write what;
    if (retry)
        server::add_requeue(what.writes, id, context.now());
    else
        server::add_cancel(what.writes, id, context.now());
    tell_call(what.writes, *job, retry);
    what.entry = {
        retry ? "job.retry" : "job.cancel", "job", id, std::string(wire::text_at(*job, "key")), {}};
    auto const done = co_await api.audit->commit(audit_actor::of(context), std::move(what));
    if (!done && done.error().reason() == "job")
        co_return error{errc::conflict,
                        retry ? "Only a dead job can be retried" : "The job has ended already"};
    CXB_CO_CHECK(done);
    co_return json_response(200, wire::json_object{{"status", "ok"}});
}
handler_result retry_job(request_context& context) {
    return change_job(context, true);
}
handler_result cancel_job(request_context& context) {
    return change_job(context, false);
}

constexpr server::query_parameter job_parameters[] = {
    {"kind", "crm_push, ..."},  {"state", "queued, running, done, dead, cancelled"},
    {"key", "The unique key"},  server::page_parameters[0],
    server::page_parameters[1], server::page_parameters[2]};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/calls/{id}/push",
     .who = access::admin,
     .handler = &push_again,
     .summary = "Push a call again: rebuilt from today's mapper, or the same bytes",
     .success = 202},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}/pushes",
     .who = access::admin,
     .handler = &list_pushes,
     .summary = "Push jobs of a call with their history"},
    {.method = "GET",
     .pattern = "/api/v1/ops/jobs",
     .who = access::admin,
     .handler = &list_jobs,
     .summary = "Jobs, newest first",
     .query = job_parameters},
    {.method = "POST",
     .pattern = "/api/v1/ops/jobs/{id}/retry",
     .who = access::admin,
     .handler = &retry_job,
     .summary = "Queue a dead job again"},
    {.method = "POST",
     .pattern = "/api/v1/ops/jobs/{id}/cancel",
     .who = access::admin,
     .handler = &cancel_job,
     .summary = "Cancel a job that is not done"},
};

}  // namespace

std::span<server::route const> push_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
