// A call: was it ever made, is it running, how did it end (spec 21 §1).
#include "cxb/domain/result_merge.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/api/calls/stale_calls.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/why/why_reasons.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t first_rows = 20;  // of a trace: those of the config are among them

// The members that stand, as evidence.
json_object facts_of(json_object const& document, std::initializer_list<std::string_view> names) {
    json_object out;
    for (auto const name : names)
        if (auto const* value = document.if_contains(name)) out[name] = *value;
    return out;
}

store::async<std::optional<json_object>> last_refusal(store::document_store& store,
                                                      std::string session) {
    co_return co_await store.find_one(model::call_refusals, model::of_session(session),
                                      {{"at", true}});
}

store::async<void> judge_missing(why_ask const& ask, why_report& out) {
    CXB_CO_TRY(auto const refusal, co_await last_refusal(*ask.api.store, ask.id));
    if (refusal) {
        out.add("config_refused", {.evidence = facts_of(*refusal, {"bot_id", "reason", "at"}),
                                   .since = std::string(wire::text_at(*refusal, "at"))});
        co_return result<void>{};
    }
    CXB_CO_TRY(auto const dialout,
               co_await ask.api.store->find_one(model::dialouts, model::of_session(ask.id)));
    json_object evidence{{"dialled", dialout.has_value()}};
    if (dialout)
        for (auto& [name, value] : facts_of(*dialout, {"bot_id", "dial_id", "outcome", "at"}))
            evidence[name] = value;
    out.add("call_not_found", {.evidence = std::move(evidence)});
    co_return result<void>{};
}

store::async<bool> lost_its_campaign(store::document_store& store, std::string session) {
    store::find_options options;
    options.sort = {{"at", false}, {"seq", false}};
    options.limit = first_rows;
    CXB_CO_TRY(auto stored,
               co_await store.find(model::call_trace, model::of_session(session), options));
    wire::json_array rows;
    for (auto& each : stored.items)
        append_trace_rows(std::move(each), rows);
    for (auto const& row : rows)
        if (wire::text_at(row.as_object(), "name") == "config_note" &&
            wire::text_at(row.as_object(), "data.note") == linkage_rejected_note)
            co_return true;
    co_return false;
}

store::async<void> judge_running(why_ask const& ask, json_object const& call, why_report& out) {
    std::string const began(wire::text_at(call, "created_at"));
    CXB_CO_TRY(
        auto const refusal,
        co_await last_refusal(*ask.api.store, std::string(wire::text_at(call, "session_id"))));
    if (refusal && wire::text_at(*refusal, "at") >= began)
        out.add("config_refused", {.evidence = facts_of(*refusal, {"bot_id", "reason", "at"}),
                                   .since = std::string(wire::text_at(*refusal, "at"))});
    auto const end = stale_after(call);
    out.add("running", {.evidence = facts_of(call, {"bot_id", "config_fetches", "transport",
                                                    "max_call_duration_seconds"}),
                        .since = began,
                        .next_at = end ? format_timestamp(*end) : ""});
    co_return result<void>{};
}

void judge_ended(why_ask const& ask, json_object const& call, why_report& out) {
    std::string const ended(wire::text_at(call, "completed_at"));
    if (wire::bool_at(call, "result_missing"))
        out.add("result_missing",
                {.evidence = facts_of(call, {"bot_id", "worker_id", "max_call_duration_seconds"}),
                 .since = ended});
    if (wire::bool_at(call, "orphan_result")) {
        auto evidence = facts_of(call, {"bot_id", "worker_id", "push_state"});
        evidence["bot_known"] = ask.api.bots->find_any(wire::text_at(call, "bot_id")) != nullptr;
        out.add("orphan_result", {.evidence = std::move(evidence), .since = ended});
    }
    if (!wire::bool_at(call, "result_missing"))
        out.add("finished", {.evidence = facts_of(call, {"status", "disconnected_by", "push_state",
                                                         "call_duration_seconds"}),
                             .since = ended});
}

}  // namespace

store::async<void> why_call(why_ask const& ask, why_report& out) {
    auto const call = co_await find_call(*ask.api.store, ask.id, ask.caller);
    if (!call && call.error().code() != errc::not_found) co_return call.error();
    if (!call) co_return co_await judge_missing(ask, out);
    CXB_CO_TRY(bool const rejected,
               co_await lost_its_campaign(*ask.api.store,
                                          std::string(wire::text_at(*call, "session_id"))));
    if (rejected) out.add("linkage_rejected", {.evidence = facts_of(*call, {"bot_id"})});
    if (!domain::has_result(*call)) co_return co_await judge_running(ask, *call, out);
    judge_ended(ask, *call, out);
    co_return result<void>{};
}

}  // namespace cxb::api
