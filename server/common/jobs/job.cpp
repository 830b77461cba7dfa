#include "server/common/jobs/job.hpp"

#include "cxb/base/ids.hpp"

namespace cxb::server {
namespace {

using wire::json_value;

using store::field_decl;
using store::index_decl;
using enum store::field_type;
using names = std::string_view const[];

constexpr field_decl job_fields[] = {{"kind", text},
                                     {"key", text},
                                     {"state", text},
                                     {"run_at", timestamp},
                                     {"lease_until", timestamp},
                                     {"fence", integer},
                                     {"session_id", text},
                                     {"bot_id", text},
                                     {"created_at", timestamp},
                                     {"done_at", timestamp},
                                     {"payload.call_rev", integer},
                                     {"payload.endpoint_id", text},
                                     {"frozen_request.webhook_id", text}};
constexpr names by_key = {"key"};
constexpr names by_run = {"state", "run_at"};
constexpr names by_kind = {"kind", "state", "created_at"};
constexpr names by_lease = {"state", "lease_until"};
constexpr names by_end = {"state", "done_at"};
constexpr names by_session = {"session_id"};
constexpr names by_bot = {"bot_id"};
constexpr names by_endpoint = {"payload.endpoint_id", "created_at"};
constexpr index_decl job_indexes[] = {
    {by_key, true}, {by_run},     {by_kind}, {by_lease},
    {by_end},       {by_session}, {by_bot},  {.fields = by_endpoint, .sparse = true}};

store::filter ended_before(char const* state, time_point before) {
    return store::all_of(
        {store::eq("state", state), store::lt("done_at", json_value(format_timestamp(before)))});
}

}  // namespace

constinit store::collection const jobs{"jobs", job_fields, job_indexes};

store::json_object make_job(job_spec spec, time_point now, random_source& random) {
    auto const run_at = spec.run_at == time_point{} ? now : spec.run_at;
    store::json_object row;
    row["_id"] = make_hex24(now, random);
    row["kind"] = spec.kind;
    row["key"] = spec.key;
    if (!spec.session_id.empty()) row["session_id"] = spec.session_id;
    if (!spec.bot_id.empty()) row["bot_id"] = spec.bot_id;
    row["state"] = job_state::queued;
    row["run_at"] = json_value(format_timestamp(run_at));
    row["stamped_at"] = json_value(format_timestamp(now));
    row["attempts"] = 0;
    row["max_attempts"] = spec.max_attempts;
    row["fence"] = 0;
    row["payload"] = std::move(spec.payload);
    row["history"] = wire::json_array();
    row["created_at"] = json_value(format_timestamp(now));
    return row;
}

void add_requeue(store::batch& to, std::string_view id, time_point now, char const* from_state,
                 bool must_match) {
    auto where =
        store::all_of({store::eq(store::id_field, json_value(id)), store::eq("state", from_state)});
    auto changes = store::update{}
                       .set("state", job_state::queued)
                       .set("run_at", json_value(format_timestamp(now)))
                       .set("stamped_at", json_value(format_timestamp(now)))
                       .set("attempts", 0)
                       .unset("done_at");
    if (must_match)
        to.update_one(jobs, std::move(where), std::move(changes), "job");
    else
        to.update_if_any(jobs, std::move(where), std::move(changes));
}

void add_cancel(store::batch& to, std::string_view id, time_point now) {
    auto where = store::all_of({store::eq(store::id_field, json_value(id)),
                                store::in("state", {job_state::queued, job_state::running})});
    to.update_one(jobs, std::move(where),
                  store::update{}
                      .set("state", job_state::cancelled)
                      .set("done_at", json_value(format_timestamp(now)))
                      .inc("fence", 1)
                      .unset("lease_owner")
                      .unset("lease_until"),
                  "job");
}

store::async<std::vector<job_count>> count_open_jobs(store::document_store& store) {
    auto const open = store::all_of(
        {store::in("state", {job_state::queued, job_state::running, job_state::dead})});
    CXB_CO_TRY(auto const rows, co_await store.group(jobs, open, {"kind", "state"}));
    std::vector<job_count> out;
    for (auto const& row : rows)
        if (row.keys.size() == 2 && row.keys[0].is_string() && row.keys[1].is_string())
            out.push_back({std::string(row.keys[0].get_string()),
                           std::string(row.keys[1].get_string()), row.count});
    co_return out;
}

std::vector<store::filter> old_jobs(time_point now) {
    return {ended_before(job_state::done, now - done_jobs_kept),
            ended_before(job_state::cancelled, now - done_jobs_kept),
            ended_before(job_state::dead, now - dead_jobs_kept)};
}

}  // namespace cxb::server
