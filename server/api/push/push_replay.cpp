#include "server/api/push/push_replay.hpp"

#include "cxb/domain/result_merge.hpp"
#include "server/api/calls/integration_log.hpp"
#include "server/api/push/push_job.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t max_jobs = 200;

store::async<std::vector<json_object>> push_jobs(store::document_store& store,
                                                 std::string session_id) {
    store::find_options options;
    options.sort = {{"created_at", true}};
    options.limit = max_jobs;
    CXB_CO_TRY(auto page, co_await store.find(
                              server::jobs,
                              store::all_of({store::eq("session_id", wire::json_value(session_id)),
                                             store::eq("kind", wire::json_value(push_kind))}),
                              options));
    co_return std::move(page.items);
}

bool is_open(json_object const& job) {
    auto const state = wire::text_at(job, "state");
    return state == server::job_state::queued || state == server::job_state::running;
}

store::async<std::string> commit_replay(api_services& api, audited_write what, std::string session,
                                        std::string job_id, audit_actor actor) {
    what.writes.update_one(model::calls,
                           store::all_of({store::eq("session_id", wire::json_value(session))}),
                           store::update{}.set("push_state", "queued").inc("rev", 1));
    what.entry = {"call.push_replay", "call", session, session, {}};
    CXB_CO_CHECK(co_await api.audit->commit(std::move(actor), std::move(what)));
    co_return job_id;
}

}  // namespace

json_object shown_job(json_object job) {
    job["id"] = wire::json_value(std::string(wire::text_at(job, "_id")));
    job.erase("_id");
    if (auto* frozen = job.if_contains("frozen_request");
        frozen != nullptr && frozen->is_object()) {
        auto& request = frozen->as_object();
        request.erase("body");
        request.erase("headers");
        request["url"] = masked_url(wire::text_at(request, "url"));
    }
    return job;
}

store::async<wire::json_array> pushes_of(store::document_store& store, std::string session_id) {
    CXB_CO_TRY(auto jobs, co_await push_jobs(store, std::move(session_id)));
    wire::json_array out;
    for (auto& job : jobs)
        out.push_back(shown_job(std::move(job)));
    co_return out;
}

store::async<std::string> replay_push(api_services& api, json_object call, std::string mode,
                                      std::string base, audit_actor actor) {
    std::string const session(wire::text_at(call, "session_id"));
    if (!domain::has_result(call)) co_return error{errc::conflict, "Call is not finished"};
    auto const bot = api.bots->find_any(wire::text_at(call, "bot_id"));
    if (!bot || !bot->bot.post_call_push)
        co_return error{errc::conflict, "No post-call push configured"};
    CXB_CO_TRY(auto const jobs, co_await push_jobs(*api.store, session));
    int rebuilt = 0;
    json_object const* frozen = nullptr;
    for (auto const& job : jobs) {
        if (is_open(job))
            co_return error{errc::conflict, "A push of this call is under way"}.with_reason(
                "push_in_progress");
        if (wire::text_at(job, "payload.mode") == "rebuild") ++rebuilt;
        if (frozen == nullptr && !wire::text_at(job, "frozen_request.webhook_id").empty())
            frozen = &job;
    }
    time_point const now = api.time->now();
    audited_write what;
    if (mode == "same") {
        if (frozen == nullptr) co_return error{errc::not_found, "No push was made yet"};
        std::string const id(wire::text_at(*frozen, "_id"));
        std::string const state(wire::text_at(*frozen, "state"));
        server::add_requeue(
            what.writes, id, now,
            state == server::job_state::dead ? server::job_state::dead : server::job_state::done);
        co_return co_await commit_replay(api, std::move(what), session, id, std::move(actor));
    }
    push_order order;
    order.session_id = session;
    order.bot_id = bot->id;
    order.suffix = "r" + std::to_string(rebuilt + 1);
    order.base = std::move(base);
    order.call_rev = wire::int_at(call, "rev") + 1;
    order.max_attempts = bot->bot.post_call_push->max_attempts;
    order.mode = "rebuild";
    add_push_job(what.writes, std::move(order), now, *api.random);
    std::string const id(wire::text_at(what.writes.writes().back().document, "_id"));
    co_return co_await commit_replay(api, std::move(what), session, id, std::move(actor));
}

}  // namespace cxb::api
