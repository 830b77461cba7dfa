// The push of a call: its newest job, else the rule by which there is none (spec 21 §1.3, §3).
#include <algorithm>

#include "cxb/domain/result_merge.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/push/host_gate.hpp"
#include "server/api/push/push_job.hpp"
#include "server/api/push/push_sender.hpp"
#include "server/api/why/why_reasons.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

store::async<std::optional<json_object>> newest_push(store::document_store& store,
                                                     json_object const& call) {
    std::string const named(wire::text_at(call, "push_job"));
    if (!named.empty()) {
        CXB_CO_TRY(auto job, co_await store.find_one(server::jobs, store::by_id(named)));
        if (job) co_return job;
    }
    auto where = model::of_session(wire::text_at(call, "session_id"));
    where.all.push_back(store::eq("kind", json_value(push_kind)));
    co_return co_await store.find_one(server::jobs, std::move(where), {{"created_at", true}});
}

json_object facts_of(json_object const& job) {
    json_object out{{"job_id", wire::text_at(job, "_id")},
                    {"attempts", wire::int_at(job, "attempts")},
                    {"max_attempts", wire::int_at(job, "max_attempts")}};
    if (auto const error = wire::text_at(job, "last_error"); !error.empty()) out["error"] = error;
    auto const* const history = job.if_contains("history");
    if (history != nullptr && history->is_array() && !history->get_array().empty())
        if (auto const* last = history->get_array().back().if_object()) {
            out["status"] = wire::int_at(*last, "status");
            out["last_attempt_at"] = wire::text_at(*last, "at");
        }
    return out;
}

store::async<void> judge_open(why_ask const& ask, json_object const& job, why_report& out) {
    why_facts facts{.evidence = facts_of(job),
                    .since = std::string(wire::text_at(job, "created_at"))};
    std::string const url(wire::text_at(job, "frozen_request.url"));
    bool const waits = wire::text_at(job, "state") == server::job_state::queued;
    if (waits && !url.empty()) {
        CXB_CO_TRY(auto const until, co_await host_gate::paused_until(
                                         *ask.api.store, push_host(url), ask.api.time->now()));
        auto host = push_host(url);
        std::ranges::replace(host, ' ', ':');  // its port
        if (until)
            out.add("host_paused",
                    {.evidence = {{"host", host}}, .next_at = format_timestamp(*until)});
    }
    if (waits) facts.next_at = wire::text_at(job, "run_at");
    bool const failed_before = waits && wire::int_at(job, "attempts") > 0;
    out.add(failed_before ? "retrying" : "queued", std::move(facts));
    co_return result<void>{};
}

store::async<void> judge_job(why_ask const& ask, json_object const& job, why_report& out) {
    using namespace server::job_state;
    std::string_view const state = wire::text_at(job, "state");
    if (state == queued || state == running) co_return co_await judge_open(ask, job, out);
    why_facts facts{.evidence = facts_of(job), .since = std::string(wire::text_at(job, "done_at"))};
    out.add(state == done ? "delivered" : state, std::move(facts));
    co_return result<void>{};
}

// The bot may have got or lost its push since the result came: the call says how it was then.
void judge_plan(why_ask const& ask, json_object const& call, why_report& out) {
    auto const bot = ask.api.bots->find_any(wire::text_at(call, "bot_id"));
    auto const plan = plan_push(bot.get(), wire::bool_at(call, "skip_post_push"),
                                wire::text_at(call, "call_type"));
    std::string_view const then = wire::text_at(call, "push_state");
    json_object evidence{{"bot_id", wire::text_at(call, "bot_id")},
                         {"push_state", then},
                         {"pushed_now", plan.wanted}};
    if (!plan.wanted)
        out.add(plan.reason, {.evidence = std::move(evidence)});
    else if (domain::has_result(call))
        out.add(then == "none" ? "no_push_config" : "push_disabled",
                {.evidence = std::move(evidence)});
}

}  // namespace

store::async<void> why_push(why_ask const& ask, why_report& out) {
    CXB_CO_TRY(auto const call, co_await find_call(*ask.api.store, ask.id, ask.caller));
    std::string_view const state = wire::text_at(call, "push_state");
    if (is_redacted(call) && state == "skipped") {
        out.add("redacted", {.since = std::string(wire::text_at(call, "redacted_at"))});
        co_return result<void>{};
    }
    CXB_CO_TRY(auto const job, co_await newest_push(*ask.api.store, call));
    if (job) co_return co_await judge_job(ask, *job, out);
    // Ended jobs are kept for a while only.
    if (state == "delivered" || state == "dead") {
        out.add(state);
        co_return result<void>{};
    }
    if (!domain::has_result(call))
        out.add("not_finished", {.since = std::string(wire::text_at(call, "created_at"))});
    judge_plan(ask, call, out);
    co_return result<void>{};
}

}  // namespace cxb::api
