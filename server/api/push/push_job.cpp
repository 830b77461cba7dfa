#include "server/api/push/push_job.hpp"

#include "server/common/jobs/job.hpp"

namespace cxb::api {

push_plan plan_push(bot_entry const* bot, wire::json_object const& call) {
    if (bot == nullptr || !bot->bot.post_call_push) return {false, "none", "no_push_config"};
    auto const& push = *bot->bot.post_call_push;
    if (!push.enabled) return {false, "skipped", "push_disabled"};
    if (wire::bool_at(call, "skip_post_push")) return {false, "skipped", "skip_post_push"};
    bool const agent = wire::text_at(call, "call_type") == "agent";
    if (agent && !push.include_agent_calls) return {false, "skipped", "agent_call"};
    return {true, "queued", ""};
}

void add_push_job(store::batch& writes, push_order order, time_point now, random_source& random) {
    server::job_spec spec;
    spec.kind = push_kind;
    spec.key = "push:" + order.session_id + ":" + order.suffix;
    spec.payload = {{"base", order.base}, {"call_rev", order.call_rev}, {"mode", order.mode}};
    spec.max_attempts = order.max_attempts;
    spec.session_id = std::move(order.session_id);
    spec.bot_id = std::move(order.bot_id);
    writes.insert(server::jobs, server::make_job(std::move(spec), now, random), "job_exists");
}

}  // namespace cxb::api
