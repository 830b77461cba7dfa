#include "server/api/jobs/job_routes.hpp"

#include "server/api/jobs/job_changes.hpp"
#include "server/api/jobs/job_docs.hpp"
#include "server/api/jobs/ops_status.hpp"
#include "server/api/push/push_replay.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/jobs/job.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

handler_result list_jobs(request_context& context) {
    server::query_reader read(context.query);
    store::filter where;
    for (char const* name : {"kind", "key"})
        if (auto const value = read.text(name))
            where.all.push_back(store::eq(name, wire::json_value(*value)));
    if (auto const state = read.word("state", server::job_state::all))
        where.all.push_back(store::eq("state", wire::json_value(*state)));
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page, co_await server::fetch_list(*api.store, server::jobs, std::move(where),
                                                      asked, server::newest_first(), &shown_job));
    co_return json_response(200, std::move(page));
}

handler_result change(request_context& context, job_change what) {
    CXB_CO_CHECK(co_await change_job(context.service<api_services>(), context.param("id"), what,
                                     audit_actor::of(context)));
    co_return json_response(200, wire::json_object{{"status", "ok"}});
}
handler_result retry_job(request_context& context) {
    return change(context, job_change::retry);
}
handler_result cancel_job(request_context& context) {
    return change(context, job_change::cancel);
}

handler_result retry_dead(request_context& context) {
    CXB_CO_TRY(dead_letter_body order, parse_dead_letter_body(context.request.body));
    CXB_CO_TRY(auto const queued,
               co_await retry_dead_letters(context.service<api_services>(), std::move(order),
                                           audit_actor::of(context)));
    co_return json_response(200, wire::json_object{{"queued", queued}});
}

handler_result status(request_context& context) {
    CXB_CO_TRY(auto const found, co_await ops_status(context.service<api_services>(),
                                                     context.service<server::health_service>()));
    co_return json_response(200, found);
}

constexpr server::query_parameter job_parameters[] = {
    {"kind", "crm_push, webhook, ...", "string", false, "crm_push"},
    {"state", "queued, running, done, dead, cancelled", "string", false, "dead"},
    {"key", "The unique key", "string", false, "push:01a2022d-32b9-7149-85cc-40025582ba10:1"},
    server::page_parameters[0],
    server::page_parameters[1],
    server::page_parameters[2]};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/ops/jobs",
     .who = access::admin,
     .handler = &list_jobs,
     .summary = "Jobs, newest first",
     .response_schema = &server::page_schema<&job_schema>,
     .query = job_parameters,
     .doc = list_jobs_doc},
    {.method = "POST",
     .pattern = "/api/v1/ops/jobs/{id}/retry",
     .who = access::admin,
     .handler = &retry_job,
     .summary = "Queue a dead job again",
     .response_schema = &server::done_schema,
     .doc = retry_job_doc},
    {.method = "POST",
     .pattern = "/api/v1/ops/jobs/{id}/cancel",
     .who = access::admin,
     .handler = &cancel_job,
     .summary = "Cancel a job that is not done",
     .response_schema = &server::done_schema,
     .doc = cancel_job_doc},
    {.method = "POST",
     .pattern = "/api/v1/ops/dead-letters/retry",
     .who = access::super_admin,
     .handler = &retry_dead,
     .summary = "Queue the dead jobs of a kind and a range again, 10000 at most",
     .request_schema = &dead_letter_body_schema,
     .response_schema = &queued_jobs_schema,
     .doc = retry_dead_doc},
    {.method = "GET",
     .pattern = "/api/v1/ops/status",
     .who = access::admin,
     .handler = &status,
     .summary = "Version, loops with their holders, jobs by kind and state, store, fleet",
     .response_schema = &ops_status_schema,
     .doc = status_doc},
};

}  // namespace

std::span<server::route const> job_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
