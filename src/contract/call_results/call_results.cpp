#include "cxb/contract/call_results/call_results.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/contract/call_results/privacy.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {
namespace {

using wire::field;
using document = parts::call_results;

constexpr std::size_t max_intents = 1024;

constexpr wire::field_row rows[] = {
    field<&document::session_id>("session_id")
        .required()
        .pattern(wire::patterns::session_id)
        .writer("api")
        .doc("Match key: the session of the runtime config."),
    field<&document::result_id>("result_id")
        .pattern(wire::patterns::uuid)
        .doc("One per finished call, constant over redeliveries."),
    field<&document::result_seq>("result_seq")
        .min(1)
        .doc("Raised when a worker corrects its own result."),
    field<&document::bot_id>("bot_id").doc("Bot of the call."),
    field<&document::worker_id>("worker_id").doc("Worker that ran the call."),
    field<&document::core_version>("core_version").doc("Version of the worker's program."),
    field<&document::stream_id>("stream_id").doc("Key for a CDR."),
    field<&document::caller_id>("caller_id").personal().doc("The far party."),
    field<&document::from_number>("from_number").personal().doc("The number shown."),
    field<&document::call_direction>("call_direction").doc("Who called whom."),
    field<&document::call_start_time>("call_start_time").doc("Ringing or connection began."),
    field<&document::call_answer_time>("call_answer_time").doc("The far side answered."),
    field<&document::call_end_time>("call_end_time").doc("The call ended."),
    field<&document::call_duration_seconds>("call_duration_seconds")
        .range(0, 86400)
        .doc("From answer to end; 0 if never answered."),
    field<&document::disconnected_by>("disconnected_by").doc("Why the call ended."),
    field<&document::has_customer_message>("has_customer_message")
        .doc("The customer said something."),
    field<&document::transcript>("transcript")
        .max_items(limits::transcript_items)
        .tolerant()
        .personal()
        .doc("What was said, in speaking order."),
    field<&document::events>("events")
        .max_items(limits::event_items)
        .tolerant()
        .doc("What happened."),
    field<&document::intents>("intents").max_items(max_intents).doc("What the customer wants."),
    field<&document::recording_url>("recording_url")
        .pattern(wire::patterns::url)
        .doc("Where the recording can be fetched."),
    field<&document::recording_key>("recording_key")
        .pattern(wire::patterns::recording_key)
        .doc("Object key of the recording."),
    field<&document::recording_access_token>("recording_access_token")
        .secret()
        .doc("Opens the public recording link; normally minted by the control plane."),
    field<&document::recording_status>("recording_status").doc("What became of the recording."),
    field<&document::post_call_analysis>("post_call_analysis")
        .object()
        .max_bytes(limits::analysis_json)
        .personal()
        .doc("Answer to the analysis prompt, untouched."),
    field<&document::qc_analysis>("qc_analysis")
        .object()
        .max_bytes(limits::analysis_json)
        .personal()
        .doc("Answer to the quality prompt, untouched."),
    field<&document::analysis_status>("analysis_status").doc("Whether the analysis was made."),
    field<&document::latency>("latency").doc("How fast the bot answered."),
    field<&document::latency_samples>("latency_samples")
        .max_items(limits::latency_samples)
        .doc("Times of single answers."),
    field<&document::usage_metrics>("usage_metrics")
        .max_items(limits::usage_entries)
        .doc("What providers were used for."),
    field<&document::llm_cache_summary>("llm_cache_summary")
        .doc("Prompt cache use; recomputed when usage_metrics is present."),
    field<&document::pipeline_config>("pipeline_config")
        .object()
        .max_bytes(limits::policy_json)
        .doc("Snapshot of how the call was run, without secrets."),
    field<&document::connected_event>("connected_event")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Variables of the call; absent leaves the stored ones."),
    field<&document::was_transferred>("was_transferred").doc("The far side took the call."),
    field<&document::transfer_destination>("transfer_destination").doc("Number or queue."),
    field<&document::transfer_target>("transfer_target").doc("Id or label of the target."),
    field<&document::transfer_reason>("transfer_reason").doc("Why the model transferred."),
    field<&document::transfer_method>("transfer_method").doc("How it was transferred."),
    field<&document::transfer_failed_reason>("transfer_failed_reason").doc("Why it failed."),
    field<&document::transfer_at>("transfer_at").doc("When, from the answer."),
};

void drop_secrets(document& value, wire::fault_sink&) {
    if (value.pipeline_config)
        value.pipeline_config = redact_pipeline_config(*value.pipeline_config);
}

bool is_customer_message(transcript_item const& item) noexcept {
    return item.role.is(speaker::user) && !trim(item.content).empty();
}

}  // namespace

CXB_WIRE_PART(call_results, wire::table<document>("Result of a finished call.", rows)
                                .collect_unknown<&document::ext>("ext", limits::ext_json)
                                .after_read<drop_secrets>())

result<call_results> parse_call_results(std::string_view text, wire::parse_options options) {
    return wire::read<document>(text, options);
}

result<call_results> parse_call_results(wire::json_view value, wire::parse_options options) {
    return wire::read<document>(value, options);
}

std::string serialize(call_results const& value) {
    std::string out;
    serialize_to(value, out);
    return out;
}

// A snapshot built in code may still hold a key; what goes on the wire never does.
void serialize_to(call_results const& value, std::string& out) {
    auto const* config = value.pipeline_config ? &*value.pipeline_config : nullptr;
    if (config == nullptr || redact_pipeline_config(*config) == *config)
        return wire::write(value, out);
    document clean = value;
    clean.pipeline_config = redact_pipeline_config(*config);
    wire::write(clean, out);
}

result<void> validate(call_results const& value) {
    return wire::check(value);
}

std::string_view call_results_schema() {
    static std::string const text = wire::schema_text(wire_table(wire::tag<document>{}));
    return text;
}

std::span<wire::field_info const> call_results_fields() {
    return wire_table(wire::tag<document>{}).fields();
}

bool has_customer_message(call_results const& value) noexcept {
    if (value.has_customer_message) return *value.has_customer_message;
    return value.transcript && std::ranges::any_of(*value.transcript, is_customer_message);
}

}  // namespace contract::call_results
}  // namespace cxb::inline v1
