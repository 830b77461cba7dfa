// A recording, by the search that plays it (spec 21 §4).
#include <algorithm>

#include "server/api/calls/call_reading.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/recordings/recording_library.hpp"
#include "server/api/recordings/recording_play.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/api/why/why_reasons.hpp"

namespace cxb::api {
namespace {

using wire::json_object;
using word = source_answer::word;

json_object evidence_of(std::string const& key, std::vector<source_answer> const& asked) {
    wire::json_array rows;
    for (auto const& each : asked) {
        json_object row{{"source", each.source},
                        {"said", each.said == word::found     ? "found"
                                 : each.said == word::missing ? "missing"
                                                              : "failed"}};
        if (!each.error.empty()) row["error"] = each.error;
        rows.push_back(std::move(row));
    }
    return {{"key", key}, {"sources", std::move(rows)}};
}

store::async<void> judge_sources(why_ask const& ask, std::string key, why_report& out) {
    CXB_CO_TRY(auto const asked, co_await ask.api.recordings->look(key));
    auto const any = [&](word said, bool of_host) {
        return std::ranges::any_of(asked, [=](source_answer const& each) {
            return each.said == said && each.is_host == of_host;
        });
    };
    why_facts const facts{.evidence = evidence_of(key, asked), .since = {}, .next_at = {}};
    if (any(word::found, false) || any(word::found, true)) {
        out.add("ready", facts);
        co_return result<void>{};
    }
    bool const store_failed = any(word::failed, false);
    bool const host_failed = any(word::failed, true);
    if (store_failed) out.add("storage_error", facts);
    if (host_failed) out.add("fleet_unreachable", facts);
    if (!store_failed && !host_failed) out.add("object_missing", facts);
    co_return result<void>{};
}

}  // namespace

store::async<void> why_recording(why_ask const& ask, why_report& out) {
    CXB_CO_TRY(auto const call, co_await find_call(*ask.api.store, ask.id, ask.caller));
    if (is_redacted(call)) {
        out.add("redacted", {.since = std::string(wire::text_at(call, "redacted_at"))});
        co_return result<void>{};
    }
    if (is_recording_removed(call)) {
        out.add("retention", {.since = std::string(wire::text_at(call, recording_removed_at))});
        co_return result<void>{};
    }
    auto const key = recording_of(call);
    if (!key) {
        out.add("no_key", {.evidence = {{"status", wire::text_at(call, "status")},
                                        {"has_recording", wire::bool_at(call, "has_recording")}}});
        co_return result<void>{};
    }
    if (wire::text_at(call, "recording_access_token").empty()) out.add("token_missing");
    co_return co_await judge_sources(ask, *key, out);
}

}  // namespace cxb::api
