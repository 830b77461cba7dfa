#include "server/api/push/push_replay.hpp"

#include <algorithm>
#include <charconv>

#include "cxb/domain/result_merge.hpp"
#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/calls/call_redaction.hpp"
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

error in_progress() {
    return error{errc::conflict, "A push of this call is under way"}.with_reason(
        "push_in_progress");
}

// The k of `push:{session_id}:r{k}`; 0 for other keys.
int rebuild_number(json_object const& job) {
    std::string_view const key = wire::text_at(job, "key");
    auto const colon = key.rfind(":r");
    if (colon == std::string_view::npos) return 0;
    int number = 0;
    std::from_chars(key.data() + colon + 2, key.data() + key.size(), number);
    return number;
}

struct past_pushes {
    int last_rebuild = 0;
    std::optional<json_object> frozen;  ///< newest job with a frozen request
};

// What there is to repeat; refused while something is still on its way.
result<past_pushes> look_back(std::vector<json_object> jobs) {
    past_pushes out;
    for (auto& job : jobs) {
        if (is_open(job)) return in_progress();
        out.last_rebuild = std::max(out.last_rebuild, rebuild_number(job));
        if (!out.frozen && !wire::text_at(job, "frozen_request.webhook_id").empty())
            out.frozen = std::move(job);
    }
    return out;
}

// Two people at once: the second finds the job queued or its key taken.
store::async<void> commit_replay(api_services& api, audited_write what, std::string session,
                                 replay_order order, std::string job, audit_actor actor) {
    auto still_whole = model::of_session(session);
    still_whole.all.push_back(store::missing("redacted_at"));
    what.writes.update_one(model::calls, std::move(still_whole), queued_push(job));
    what.entry = {"call.push_replay", "call", session, session, {}};
    what.entry.changes.push_back({"mode", nullptr, wire::json_value(order.mode)});
    if (!order.reason.empty())
        what.entry.changes.push_back({"reason", nullptr, wire::json_value(order.reason)});
    auto const done = co_await api.audit->commit(std::move(actor), std::move(what));
    if (!done && done.error().code() == errc::conflict) co_return in_progress();
    co_return done;
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

store::async<std::string> replay_push(api_services& api, json_object call, replay_order order,
                                      audit_actor actor) {
    std::string const session(wire::text_at(call, "session_id"));
    if (is_redacted(call)) co_return error{errc::conflict, "Call is redacted"};
    if (!domain::has_result(call)) co_return error{errc::conflict, "Call is not finished"};
    std::string const bot_id(wire::text_at(call, "bot_id"));
    CXB_CO_CHECK(co_await api.bots->catch_up(bot_id, wire::int_at(call, "bot_version", 1)));
    auto const bot = api.bots->find_any(bot_id);
    if (!bot || !bot->bot.post_call_push)
        co_return error{errc::conflict, "No post-call push configured"};
    CXB_CO_TRY(auto jobs, co_await push_jobs(*api.store, session));
    CXB_CO_TRY(past_pushes const past, look_back(std::move(jobs)));
    time_point const now = api.time->now();
    audited_write what;
    domain::rollup_changes counts;
    std::string id;
    if (order.mode == "same") {
        if (!past.frozen) co_return error{errc::not_found, "No push was made yet"};
        id = wire::text_at(*past.frozen, "_id");
        std::string const state(wire::text_at(*past.frozen, "state"));
        server::add_requeue(what.writes, id, now, state.c_str());
        count_push(counts, *past.frozen, state, server::job_state::queued);
    } else {
        push_order push;
        push.session_id = session;
        push.bot_id = bot->id;
        push.suffix = "r" + std::to_string(past.last_rebuild + 1);
        push.base = order.base;
        push.call_rev = wire::int_at(call, "rev") + 1;
        push.max_attempts = bot->bot.post_call_push->max_attempts;
        push.mode = "rebuild";
        push.counted_in = counted_in(call);
        id = add_push_job(what.writes, counts, std::move(push), now, *api.random);
    }
    add_rollups(what.writes, counts);
    CXB_CO_CHECK(co_await commit_replay(api, std::move(what), session, std::move(order), id,
                                        std::move(actor)));
    co_return id;
}

}  // namespace cxb::api
