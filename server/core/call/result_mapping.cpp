#include "server/core/call/result_mapping.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/contract/call_results/privacy.hpp"
#include "cxb/domain/auto_disposition.hpp"
#include "cxb/domain/cache_summary.hpp"
#include "cxb/domain/latency_summary.hpp"
#include "server/core/sim/scripted_post_call.hpp"

namespace cxb::inline v1 {
namespace core {

namespace cr = contract::call_results;
namespace rc = contract::runtime_config;

namespace {

constexpr std::size_t longest_content = 16 * limits::kib;

template <class T>
std::optional<T> when(bool given, T value) {
    return given ? std::optional<T>(std::move(value)) : std::nullopt;
}

std::optional<std::string> text_or_none(std::string const& text) {
    return when(!text.empty(), text);
}

cr::transcript_item item_of(transcript_line const& line) {
    cr::transcript_item out;
    out.role = open_enum<cr::speaker>::from_text(line.role);
    out.content = utf8_prefix(line.content, longest_content);
    out.timestamp = line.at;
    out.start_seconds = real_seconds(line.start_seconds);
    out.end_seconds = real_seconds(line.end_seconds);
    out.turn = line.turn;
    out.interrupted = line.interrupted;
    return out;
}

cr::event_item item_of(conversation_event const& event) {
    cr::event_item out;
    out.type = open_enum<cr::event_type>::from_text(event.type);
    out.timestamp = event.at;
    if (event.at_seconds) out.at_seconds = real_seconds(*event.at_seconds);
    out.turn = event.turn;
    out.name = text_or_none(event.name);
    out.status = text_or_none(event.status);
    if (event.duration_ms) out.duration_ms = real_milliseconds(*event.duration_ms);
    if (event.data) out.data = cr::cut_event_data(*event.data);
    return out;
}

std::optional<real_milliseconds> ms_of(std::optional<double> value) {
    return value ? std::optional(real_milliseconds(*value)) : std::nullopt;
}

cr::latency_sample sample_of(answer_latency const& from) {
    cr::latency_sample out;
    out.turn = from.turn;
    out.at_seconds = real_seconds(from.at_seconds);
    out.stt_ms = ms_of(from.stt_ms);
    out.rag_ms = ms_of(from.rag_ms);
    out.tool_ms = ms_of(from.tool_ms);
    out.llm_ms = ms_of(from.llm_ms);
    out.tts_ms = ms_of(from.tts_ms);
    out.total_ms = ms_of(from.total_ms);
    out.silence_ms = ms_of(from.silence_ms);
    out.prompt_tokens = from.prompt_tokens;
    out.completion_tokens = from.completion_tokens;
    out.tts_characters = from.tts_characters;
    out.interrupted = from.interrupted;
    return out;
}

cr::usage_entry usage_of(usage_line const& from) {
    cr::usage_entry out;
    out.kind = open_enum<cr::usage_kind>::from_text(from.kind);
    out.provider = text_or_none(from.provider);
    out.model = text_or_none(from.model);
    out.turn = from.turn;
    out.requests = from.requests;
    if (from.prompt_tokens) out.prompt_tokens = *from.prompt_tokens;
    if (from.completion_tokens) out.completion_tokens = *from.completion_tokens;
    if (from.prompt_tokens && from.completion_tokens)
        out.total_tokens = *from.prompt_tokens + *from.completion_tokens;
    if (from.audio_seconds) out.audio_seconds = real_seconds(*from.audio_seconds);
    if (from.characters) out.characters = *from.characters;
    return out;
}

void add_transfer(cr::call_results& out, transfer_record const& from) {
    out.was_transferred = from.was_transferred;
    out.transfer_destination = text_or_none(from.destination);
    out.transfer_target = text_or_none(from.target);
    out.transfer_reason = text_or_none(from.reason);
    out.transfer_method = text_or_none(from.method);
    out.transfer_failed_reason = text_or_none(from.failed_reason);
    if (from.at_seconds) out.transfer_at = real_seconds(*from.at_seconds);
}

template <class To, class From>
std::vector<To> mapped(std::vector<From> const& from, To (*convert)(From const&),
                       std::size_t most) {
    std::vector<To> out;
    for (auto const& one : from) {
        if (out.size() == most) break;
        out.push_back(convert(one));
    }
    return out;
}

}  // namespace

cr::call_results result_of(conversation_record const& record) {
    cr::call_results out;
    out.call_start_time = record.started_at;
    out.call_answer_time = record.answered_at;
    out.call_end_time = record.ended_at;
    out.call_duration_seconds = real_seconds(record.duration_seconds);
    out.disconnected_by = open_enum<cr::disconnect_word>::from_text(record.disconnected_by);
    out.has_customer_message = record.has_customer_message;
    out.transcript = mapped<cr::transcript_item, transcript_line>(record.transcript, &item_of,
                                                                  limits::transcript_items);
    out.events =
        mapped<cr::event_item, conversation_event>(record.events, &item_of, limits::event_items);
    out.latency_samples = mapped<cr::latency_sample, answer_latency>(record.latency, &sample_of,
                                                                     limits::latency_samples);
    out.latency = domain::latency_summary(*out.latency_samples);
    out.usage_metrics =
        mapped<cr::usage_entry, usage_line>(record.usage, &usage_of, limits::usage_entries);
    add_transfer(out, record.transfer);
    return out;
}

void add_analysis(cr::call_results& out, conversation_record const& record,
                  rc::runtime_config const& config, scripted_model const& model) {
    domain::ended_call const ended{record.disconnected_by, record.has_customer_message,
                                   real_seconds(record.duration_seconds)};
    if (domain::skip_analysis(ended)) {
        out.analysis_status = cr::analysis_status::skipped;
        if (auto const found = domain::auto_disposition(ended, config.auto_dispositions))
            out.post_call_analysis = wire::raw_json::from_object(domain::analysis_of(*found));
        return;
    }
    post_call_questions asked;
    asked.analysis_prompt = config.post_call_analysis_prompt;
    asked.qc_prompt = config.qc_prompt;
    asked.callback = config.callback_detection_enabled;
    auto const& block = config.post_call_llm ? config.post_call_llm : config.llm;
    if (block) asked.model = block->model;
    auto const answers = answer_post_call(model, record, asked);
    if (!answers.analysis && !answers.qc) {
        out.analysis_status = cr::analysis_status::skipped;
        return;
    }
    out.analysis_status = cr::analysis_status::done;
    if (answers.analysis) {
        if (auto parsed = wire::raw_json::parse(*answers.analysis, limits::analysis_json))
            out.post_call_analysis = *std::move(parsed);
        else
            out.analysis_status = cr::analysis_status::failed;
    }
    if (answers.qc)
        if (auto parsed = wire::raw_json::parse(*answers.qc, limits::analysis_json))
            out.qc_analysis = *std::move(parsed);
    for (auto const& line : answers.usage)
        out.usage_metrics->push_back(usage_of(line));
    out.llm_cache_summary = domain::cache_summary(*out.usage_metrics);
}

}  // namespace core
}  // namespace cxb::inline v1
