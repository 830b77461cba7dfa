#include "server/api/calls/call_redaction.hpp"

#include <algorithm>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/push/push_job.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::size_t hash_digits = 32;
constexpr int max_decisions = 5;
constexpr std::string_view call_moved = "call_moved";

constexpr std::string_view numbers[] = {"caller_id", "phone", "from_number", "to_number"};
constexpr std::string_view kept[] = {
    "_id", "session_id", "rev", "call_type", "parent_call_id", "agent_id", "status", "outcome",
    // whose it was
    "bot_id", "bot_name", "bot_version", "config_version", "campaign_id", "campaign_call_id",
    "stream_id", "fetch_id", "worker_id", "core_version", "transport", "timezone",
    // when and how it went
    "created_at", "updated_at", "completed_at", "call_start_time", "call_answer_time",
    "call_end_time", "call_duration_seconds", "max_call_duration_seconds", "call_direction",
    "disconnected_by", "has_customer_message", "was_transferred", "transfer_method", "transfer_at",
    "is_test", "has_recording", "analysis_status", "cdr_talktime", "cdr_call_status",
    "wait_seconds", "talk_seconds", "wrap_up_seconds", "config_fetches",
    // what it cost; what analytics count of it is not taken back, nothing comes later
    "latency", "latency_samples", "usage_metrics", "llm_cache_summary",
    // which result and which push there was
    "result_id", "result_seq", "result_hash", "result_missing", "orphan_result", "push_state",
    "push_job", "skip_post_push",
    // what was taken away before
    "recording_removed_at", "transcript_removed_at"};
// Lists of which each entry keeps some members.
constexpr std::string_view kept_of_events[] = {"type", "timestamp", "at_seconds", "turn",
                                               "name", "status",    "duration_ms"};
constexpr std::string_view kept_of_log[] = {"at", "kind", "attempt", "method", "status",
                                            "ok", "ms",   "error",   "job_id"};

// Null for what is no such list.
std::span<std::string_view const> const* kept_members_of(std::string_view list) {
    static constexpr std::span<std::string_view const> of_events{kept_of_events};
    static constexpr std::span<std::string_view const> of_log{kept_of_log};
    if (list == "events") return &of_events;
    return list == "integration_log" ? &of_log : nullptr;
}

json_array thinned(json_value const& list, std::span<std::string_view const> names) {
    json_array out;
    auto const* entries = list.if_array();
    if (entries == nullptr) return out;
    for (auto const& entry : *entries) {
        if (!entry.is_object()) continue;
        json_object thin;
        for (auto const name : names)
            if (auto const* value = entry.get_object().if_contains(name)) thin[name] = *value;
        out.push_back(std::move(thin));
    }
    return out;
}

bool is_in(std::span<std::string_view const> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

store::filter job_in(json_object const& job, json_array states) {
    auto where = store::by_id(wire::text_at(job, "_id"));
    if (!states.empty()) where.all.push_back(store::in("state", std::move(states)));
    return where;
}

// Workers do not wait for us: who has ended or begun a job meanwhile makes us decide anew, so that
// each is counted where it stood.
void add_job_writes(store::batch& writes, std::vector<json_object> const& jobs, time_point now) {
    domain::rollup_changes counts;
    for (auto const& job : jobs) {
        auto const state = wire::text_at(job, "state");
        auto changes = store::update{}.unset("frozen_request");
        if (state == server::job_state::queued || state == server::job_state::running) {
            changes.set("state", server::job_state::cancelled)
                .set("done_at", json_value(format_timestamp(now)))
                .inc("fence", 1)
                .unset("lease_owner")
                .unset("lease_until");
            if (wire::text_at(job, "kind") == push_kind)
                count_push(counts, job, state, server::job_state::cancelled);
        }
        writes.update_one(server::jobs, job_in(job, {json_value(state)}), std::move(changes),
                          std::string(call_moved));
    }
    add_rollups(writes, counts);
}

// A number of ours, or of a carrier, is one of somebody too: both sides of the dialout go.
store::update hashed_numbers(json_object const& row, number_hash const& hash) {
    store::update out;
    for (auto const name : numbers)
        if (auto const text = wire::text_at(row, name); !text.empty())
            out.set(name, json_value(hash.of(text)));
    return out;
}

store::async<audited_write> decide(api_services& api, redaction_order order) {
    auto const by_session = model::of_session(order.session_id);
    CXB_CO_TRY(auto const call, co_await api.store->find_one(model::calls, by_session));
    if (!call) co_return error{errc::not_found, "Call not found"};
    if (wire::text_at(*call, "status") == "active")
        co_return error{errc::conflict, "Call is active"}.with_reason("call_active");
    if (is_redacted(*call)) co_return error{errc::conflict}.with_reason(std::string(call_moved));
    store::find_options all;
    all.limit = 0;
    all.only = {"kind", "state", "payload"};
    CXB_CO_TRY(auto const jobs, co_await api.store->find(server::jobs, by_session, all));
    CXB_CO_TRY(auto const dialout, co_await api.store->find_one(model::dialouts, by_session));
    auto const now = api.time->now();
    number_hash const hash(api.settings->jwt.current, api.settings->phone_region);
    audited_write what;
    auto as_read = by_session;
    as_read.all.push_back(store::eq("rev", wire::int_at(*call, "rev")));
    what.writes.update_one(model::calls, std::move(as_read), redaction_of(*call, hash, now),
                           std::string(call_moved));
    add_job_writes(what.writes, jobs.items, now);
    add_removal(what.writes,
                {"redact:" + order.session_id, order.session_id, recording_objects(*call),
                 std::string(call_moved)},
                now, *api.random);
    if (dialout)
        if (auto changes = hashed_numbers(*dialout, hash); !changes.empty())
            what.writes.update_if_any(model::dialouts, by_session, std::move(changes));
    trace_rows(order.session_id, "api", now).add("redacted").into(what.writes, *api.random);
    what.entry = {"call.redact", "call", order.session_id, order.session_id, {}};
    what.entry.changes.push_back({"reason", nullptr, json_value(order.reason)});
    co_return what;
}

}  // namespace

bool is_redacted(json_object const& call) noexcept {
    return !wire::text_at(call, "redacted_at").empty();
}

void thin_lists(json_object const& call, store::update& out) {
    for (auto const& member : call)
        if (auto const* names = kept_members_of(member.key()))
            out.set(member.key(), thinned(member.value(), *names));
}

number_hash::number_hash(secret const& jwt_secret, std::string phone_region)
    : key_(hmac_sha256(jwt_secret.reveal(), "cxb-redact")), region_(std::move(phone_region)) {}

std::string number_hash::of(std::string_view number) const {
    if (number.empty()) return {};
    auto const e164 = domain::to_e164(number, region_);
    auto const digest = hmac_sha256(key_.reveal(), e164 ? std::string_view(*e164) : number);
    return "hash:" + to_hex(digest).substr(0, hash_digits);
}

store::update redaction_of(json_object const& call, number_hash const& hash, time_point now) {
    store::update out = hashed_numbers(call, hash);
    thin_lists(call, out);
    for (auto const& member : call) {
        std::string_view const name = member.key();
        if (!is_in(kept, name) && !is_in(numbers, name) && !kept_members_of(name)) out.unset(name);
    }
    auto const at = json_value(format_timestamp(now));
    out.set("has_recording", false).set("redacted_at", at).set("updated_at", at).inc("rev", 1);
    if (wire::text_at(call, "push_state") == "queued") out.set("push_state", "skipped");
    return out;
}

store::async<std::string> redact_call(api_services& api, redaction_order order, audit_actor actor) {
    auto const turn = co_await api.turns->take("call " + order.session_id);
    for (int i = 0; i < max_decisions; ++i) {
        CXB_CO_TRY(auto const call,
                   co_await api.store->find_one(model::calls, model::of_session(order.session_id)));
        if (call && is_redacted(*call)) co_return std::string(wire::text_at(*call, "redacted_at"));
        auto const done =
            co_await api.audit->commit(actor, [&api, &order] { return decide(api, order); });
        if (done) continue;
        auto const reason = done.error().reason();
        if (reason != call_moved && reason != rollup_made) co_return done.error();
    }
    co_return error{errc::unavailable, "The call keeps changing, try again"}.with_retry_after(
        seconds{1});
}

}  // namespace cxb::api
