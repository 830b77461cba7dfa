#include "server/core/conversation/conversation_record.hpp"

#include <cstdio>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

using object = wire::json_object;

template <class T>
void put(object& out, std::string_view name, std::optional<T> const& value) {
    if (value) out[name] = *value;
}

void put_text(object& out, std::string_view name, std::string const& value) {
    if (!value.empty()) out[name] = value;
}

object to_json(transcript_line const& line) {
    object out;
    out["role"] = line.role;
    out["content"] = line.content;
    out["timestamp"] = format_timestamp(line.at);
    out["start_seconds"] = line.start_seconds;
    out["end_seconds"] = line.end_seconds;
    out["turn"] = line.turn;
    if (line.interrupted) out["interrupted"] = true;
    return out;
}

object to_json(conversation_event const& event) {
    object out;
    out["type"] = event.type;
    out["timestamp"] = format_timestamp(event.at);
    put(out, "at_seconds", event.at_seconds);
    put(out, "turn", event.turn);
    put_text(out, "name", event.name);
    put_text(out, "status", event.status);
    put(out, "duration_ms", event.duration_ms);
    put(out, "data", event.data);
    return out;
}

object to_json(answer_latency const& sample) {
    object out;
    out["turn"] = sample.turn;
    out["at_seconds"] = sample.at_seconds;
    put(out, "silence_ms", sample.silence_ms);
    put(out, "stt_ms", sample.stt_ms);
    put(out, "rag_ms", sample.rag_ms);
    put(out, "tool_ms", sample.tool_ms);
    put(out, "llm_ms", sample.llm_ms);
    put(out, "tts_ms", sample.tts_ms);
    put(out, "total_ms", sample.total_ms);
    out["prompt_tokens"] = sample.prompt_tokens;
    out["completion_tokens"] = sample.completion_tokens;
    out["tts_characters"] = sample.tts_characters;
    out["interrupted"] = sample.interrupted;
    return out;
}

object to_json(usage_line const& line) {
    object out;
    out["kind"] = line.kind;
    put_text(out, "provider", line.provider);
    put_text(out, "model", line.model);
    put(out, "turn", line.turn);
    out["requests"] = line.requests;
    put(out, "prompt_tokens", line.prompt_tokens);
    put(out, "completion_tokens", line.completion_tokens);
    put(out, "audio_seconds", line.audio_seconds);
    put(out, "characters", line.characters);
    return out;
}

object to_json(line_sound const& sound) {
    constexpr std::string_view words[] = {"caller_words", "bot_words", "beep", "noise"};
    object out;
    out["kind"] = words[static_cast<int>(sound.what)];
    out["start_ms"] = sound.start.count();
    if (sound.end) out["end_ms"] = sound.end->count();
    return out;
}

template <class T>
wire::json_array list(std::vector<T> const& items) {
    wire::json_array out;
    for (auto const& item : items)
        out.emplace_back(to_json(item));
    return out;
}

}  // namespace

std::string to_text(conversation_record const& record) {
    object out;
    out["started_at"] = format_timestamp(record.started_at);
    if (record.answered_at) out["answered_at"] = format_timestamp(*record.answered_at);
    out["ended_at"] = format_timestamp(record.ended_at);
    out["duration_seconds"] = record.duration_seconds;
    out["disconnected_by"] = record.disconnected_by;
    put_text(out, "raw_reason", record.raw_reason);
    out["has_customer_message"] = record.has_customer_message;
    out["recorded"] = record.recorded;
    out["transcript"] = list(record.transcript);
    out["events"] = list(record.events);
    out["latency"] = list(record.latency);
    out["usage"] = list(record.usage);
    out["sounds"] = list(record.sounds);
    put(out, "was_transferred", record.transfer.was_transferred);
    put_text(out, "transfer_destination", record.transfer.destination);
    put_text(out, "transfer_target", record.transfer.target);
    put_text(out, "transfer_reason", record.transfer.reason);
    put_text(out, "transfer_method", record.transfer.method);
    put_text(out, "transfer_failed_reason", record.transfer.failed_reason);
    put(out, "transfer_at", record.transfer.at_seconds);
    return wire::to_text(out);
}

std::string transcript_text(conversation_record const& record) {
    std::string out;
    for (auto const& line : record.transcript) {
        char stamp[32];
        auto const at = static_cast<int>(line.start_seconds);
        std::snprintf(stamp, sizeof stamp, "[%02d:%02d] ", at / 60, at % 60);
        out += stamp;
        out += line.role == "user" ? "Customer: " : "Bot: ";
        out += line.content;
        out += '\n';
    }
    return out;
}

std::vector<std::string> caller_texts(conversation_record const& record) {
    std::vector<std::string> out;
    for (auto const& line : record.transcript)
        if (line.role == "user") out.push_back(line.content);
    return out;
}

}  // namespace core
}  // namespace cxb::inline v1
