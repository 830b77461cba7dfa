#include "server/api/webhooks/webhook_facts.hpp"

#include "server/common/jobs/job.hpp"

namespace cxb::api {
namespace {

constexpr std::string_view told_of_a_call[] = {
    "session_id",     "bot_id",          "bot_name",
    "campaign_id",    "status",          "disconnected_by",
    "call_direction", "call_type",       "call_duration_seconds",
    "disposition",    "was_transferred", "has_recording",
    "is_test",        "created_at",      "completed_at"};

std::string text_of(call_member const& call, std::string_view name) {
    auto const* found = call(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
}

}  // namespace

void add_webhook_jobs(store::batch& writes, webhook_directory const& endpoints, webhook_fact fact,
                      time_point now, random_source& random) {
    std::string const type(word_of(fact.type));
    for (auto const& endpoint : endpoints.subscribers(fact.type)) {
        server::job_spec spec;
        spec.kind = webhook_kind;
        spec.key = "wh:" + endpoint + ":" + type + ":" + fact.subject + ":" + fact.n;
        spec.payload = {{"endpoint_id", endpoint}, {"type", type}, {"data", fact.data}};
        spec.max_attempts = webhook_attempts;
        spec.session_id = fact.session_id;
        spec.bot_id = fact.bot_id;
        writes.insert(server::jobs, server::make_job(std::move(spec), now, random), "job_exists");
    }
}

void add_call_webhooks(store::batch& writes, webhook_directory const& endpoints,
                       contract::webhook::event_type type, std::string n, call_member const& call,
                       time_point now, random_source& random) {
    if (endpoints.subscribers(type).empty()) return;
    webhook_fact fact;
    fact.type = type;
    fact.n = std::move(n);
    fact.session_id = text_of(call, "session_id");
    fact.subject = fact.session_id;
    fact.bot_id = text_of(call, "bot_id");
    for (auto const name : told_of_a_call)
        if (auto const* found = call(name); found != nullptr && !found->is_null())
            fact.data[name] = *found;
    add_webhook_jobs(writes, endpoints, std::move(fact), now, random);
}

call_member members_of(wire::json_object const& call) {
    return [&call](std::string_view name) { return call.if_contains(name); };
}

}  // namespace cxb::api
