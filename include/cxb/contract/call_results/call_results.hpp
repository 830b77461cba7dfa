#pragma once
/// @file
/// The result of a finished call: `POST {webhook_url}`, from Core to control plane (spec 10 §4).
///
/// Only `session_id` is required; absent and null members never overwrite what is stored. Unknown
/// members of the top level are kept under `ext` (≤ 64 KiB together, else dropped with a warning).
///
/// | field                   | bounds, unit  | note                                               |
/// |-------------------------|---------------|----------------------------------------------------|
/// | session_id              | 1–128         | match key                                          |
/// | result_id               | UUID          | one per finished call, constant over redeliveries  |
/// | result_seq              | ≥ 1           | raised when a worker corrects its own result       |
/// | bot_id, worker_id, core_version, stream_id | | linkage                                      |
/// | caller_id, from_number  |               | personal                                           |
/// | call_direction          | open          | `incoming`, `outgoing` are read too                |
/// | call_start_time, call_answer_time, call_end_time | RFC 3339 | WebSocket: answer = start      |
/// | call_duration_seconds   | 0–86400 s     | from answer to end; 0 if never answered            |
/// | disconnected_by         | open          | gives the status: `domain/call_status.hpp`         |
/// | has_customer_message    |               | absent: `has_customer_message()` of the transcript |
/// | transcript              | ≤ 5000        | personal                                           |
/// | events, intents         | ≤ 10000, ≤ 1024 |                                                  |
/// | recording_url           | URL           |                                                    |
/// | recording_key           | 1–512         | object key                                         |
/// | recording_access_token  |               | secret; normally minted by the control plane       |
/// | recording_status        | open          | uploaded, pending, failed, none                    |
/// | post_call_analysis, qc_analysis | ≤ 256 KiB | untouched; the shape belongs to the prompt     |
/// | analysis_status         | open          | done, skipped, failed                              |
/// | latency, latency_samples | ≤ 2000       |                                                    |
/// | usage_metrics           | ≤ 5000        | never money                                        |
/// | llm_cache_summary       |               | recomputed by the control plane                    |
/// | pipeline_config         | ≤ 64 KiB      | secret-named members are read and written as "***" |
/// | connected_event         | ≤ 64 KiB      | personal                                           |
/// | was_transferred         |               | true = the far side took the call                  |
/// | transfer_*              |               | failed: was_transferred=false and the reason       |
/// | transfer_at             | s from answer |                                                    |
///
/// Errors of `parse_call_results`: `malformed`, `too_large` (give `limits::results_body`),
/// `invalid` with all faults. Ownership: plain values. Thread-safety: const access anywhere.
/// Example: examples/cpp/deliver_result.cpp.

#include <optional>
#include <string>
#include <vector>

#include "cxb/base/secret.hpp"
#include "cxb/contract/call_results/items.hpp"
#include "cxb/contract/call_results/telemetry.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

struct call_results {
    std::string session_id;
    std::optional<std::string> result_id;
    int result_seq = 1;
    std::optional<std::string> bot_id;
    std::optional<std::string> worker_id;
    std::optional<std::string> core_version;
    std::optional<std::string> stream_id;
    std::optional<std::string> caller_id;
    std::optional<std::string> from_number;
    std::optional<open_enum<parts::call_direction>> call_direction;
    std::optional<time_point> call_start_time;
    std::optional<time_point> call_answer_time;
    std::optional<time_point> call_end_time;
    std::optional<real_seconds> call_duration_seconds;
    std::optional<open_enum<disconnect_word>> disconnected_by;
    std::optional<bool> has_customer_message;
    std::optional<std::vector<transcript_item>> transcript;
    std::optional<std::vector<event_item>> events;
    std::optional<std::vector<intent>> intents;
    std::optional<std::string> recording_url;
    std::optional<std::string> recording_key;
    std::optional<secret> recording_access_token;
    std::optional<open_enum<parts::recording_status>> recording_status;
    std::optional<wire::raw_json> post_call_analysis;
    std::optional<wire::raw_json> qc_analysis;
    std::optional<open_enum<parts::analysis_status>> analysis_status;
    std::optional<parts::latency> latency;
    std::optional<std::vector<latency_sample>> latency_samples;
    std::optional<std::vector<usage_entry>> usage_metrics;
    std::optional<cache_summary> llm_cache_summary;
    std::optional<wire::raw_json> pipeline_config;
    std::optional<wire::raw_json> connected_event;
    std::optional<bool> was_transferred;
    std::optional<std::string> transfer_destination;
    std::optional<std::string> transfer_target;
    std::optional<std::string> transfer_reason;
    std::optional<std::string> transfer_method;
    std::optional<std::string> transfer_failed_reason;
    std::optional<real_seconds> transfer_at;
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(call_results const&, call_results const&) = default;
};
CXB_WIRE_DECLARE(call_results);

/// The member if it is there, else: some user item of the transcript has non-blank content.
[[nodiscard]] bool has_customer_message(call_results const& value) noexcept;

}  // namespace contract::call_results
}  // namespace cxb::inline v1
CXB_EXPORT_END
