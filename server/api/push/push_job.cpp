#include "server/api/push/push_job.hpp"

#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

// The counter of a state; a cancelled push is counted nowhere.
std::string_view counter_of(std::string_view state) {
    using namespace server::job_state;
    if (state == queued || state == running) return "pushes.queued";
    if (state == done) return "pushes.delivered";
    return state == dead ? "pushes.dead" : std::string_view{};
}

}  // namespace

push_plan plan_push(bot_entry const* bot, bool skip_post_push, std::string_view call_type) {
    if (bot == nullptr || !bot->bot.post_call_push) return {false, "none", "no_push_config"};
    auto const& push = *bot->bot.post_call_push;
    if (!push.enabled) return {false, "skipped", "push_disabled"};
    if (skip_post_push) return {false, "skipped", "skip_post_push"};
    if (call_type == "agent" && !push.include_agent_calls) return {false, "skipped", "agent_call"};
    return {true, "queued", ""};
}

std::string add_push_job(store::batch& writes, domain::rollup_changes& counts, push_order order,
                         time_point now, random_source& random) {
    server::job_spec spec;
    spec.kind = push_kind;
    spec.key = "push:" + order.session_id + ":" + order.suffix;
    spec.payload = {{"base", order.base}, {"call_rev", order.call_rev}, {"mode", order.mode}};
    if (order.counted_in) spec.payload["rollup"] = domain::to_json(*order.counted_in);
    spec.max_attempts = order.max_attempts;
    spec.session_id = std::move(order.session_id);
    spec.bot_id = std::move(order.bot_id);
    auto row = server::make_job(std::move(spec), now, random);
    std::string id(wire::text_at(row, "_id"));
    count_push(counts, row, "", server::job_state::queued);
    writes.insert(server::jobs, std::move(row), "job_exists");
    return id;
}

void count_push(domain::rollup_changes& counts, wire::json_object const& job, std::string_view from,
                std::string_view to) {
    auto const* place = wire::find_path(job, "payload.rollup");
    if (place == nullptr || !place->is_object()) return;
    auto const key = domain::read_rollup_key(place->get_object());
    if (!key) return;
    if (auto const counter = counter_of(from); !counter.empty()) counts.count(*key, counter, -1);
    if (auto const counter = counter_of(to); !counter.empty()) counts.count(*key, counter, 1);
}

store::update queued_push(std::string_view job_id) {
    return store::update{}
        .set("push_state", "queued")
        .set("push_job", wire::json_value(job_id))
        .inc("rev", 1);
}

store::filter call_of_newest_push(std::string_view session_id, std::string_view job_id) {
    auto where = server::model::of_session(session_id);
    where.any = {store::all_of({store::eq("push_job", wire::json_value(job_id))}),
                 store::all_of({store::missing("push_job")})};
    return where;
}

store::filter call_of_newer_push(std::string_view session_id, std::string_view job_id) {
    auto where = server::model::of_session(session_id);
    where.all.push_back(store::exists("push_job"));
    where.all.push_back(store::ne("push_job", wire::json_value(job_id)));
    return where;
}

}  // namespace cxb::api
