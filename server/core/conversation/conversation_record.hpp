#pragma once
/// @file
/// What is known of a call when it is over: plain data, turned into call results (spec 10 §4) by
/// whoever ran it. Seconds count from the answer. Thread-safety: value types.

#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace core {

struct transcript_line {
    std::string role;  ///< assistant, user
    std::string content;
    time_point at;
    double start_seconds = 0;
    double end_seconds = 0;
    int turn = 0;
    bool interrupted = false;  ///< content is what was really played
};

struct conversation_event {
    std::string type;
    time_point at;
    std::optional<double> at_seconds;  ///< absent before the answer
    std::optional<int> turn;
    std::string name;    ///< "" absent
    std::string status;  ///< "" absent
    std::optional<double> duration_ms;
    std::optional<wire::json_object> data;
};

/// One answer of the bot (spec 80 §10). All times in milliseconds.
struct answer_latency {
    int turn = 0;
    double at_seconds = 0;
    std::optional<double> silence_ms;
    std::optional<double> stt_ms;
    std::optional<double> rag_ms;
    std::optional<double> tool_ms;
    std::optional<double> llm_ms;
    std::optional<double> tts_ms;
    std::optional<double> total_ms;
    int prompt_tokens = 0;
    int completion_tokens = 0;
    int tts_characters = 0;
    bool interrupted = false;
};

struct usage_line {
    std::string kind;  ///< llm, stt, tts, post_call, qc
    std::string provider;
    std::string model;
    std::optional<int> turn;
    int requests = 1;
    std::optional<int> prompt_tokens;
    std::optional<int> completion_tokens;
    std::optional<double> audio_seconds;
    std::optional<int> characters;
};

struct transfer_record {
    std::optional<bool> was_transferred;
    std::string destination;
    std::string target;
    std::string reason;
    std::string method;
    std::string failed_reason;
    std::optional<double> at_seconds;
};

/// Sound on the line, for the recording. Milliseconds from the answer.
struct line_sound {
    enum class kind { caller_words, bot_words, beep, noise };
    kind what = kind::caller_words;
    milliseconds start{0};
    std::optional<milliseconds> end;  ///< absent while it lasts
};

struct conversation_record {
    time_point started_at;
    std::optional<time_point> answered_at;
    time_point ended_at;
    double duration_seconds = 0;  ///< answer to end; 0 never answered
    std::string disconnected_by;
    std::string raw_reason;
    bool has_customer_message = false;
    bool recorded = false;
    milliseconds recorded_from{0};  ///< after the answer
    std::vector<transcript_line> transcript;
    std::vector<conversation_event> events;
    std::vector<answer_latency> latency;
    std::vector<usage_line> usage;
    std::vector<line_sound> sounds;
    transfer_record transfer;
};

/// The whole record as one JSON text, members always in the same order: for `simulate --json` and
/// for comparing runs byte by byte.
[[nodiscard]] std::string to_text(conversation_record const& record);

/// Lines `[mm:ss] Customer: …` / `Bot: …`, as a post-call model reads them.
[[nodiscard]] std::string transcript_text(conversation_record const& record);

/// Texts the caller said, in order.
[[nodiscard]] std::vector<std::string> caller_texts(conversation_record const& record);

}  // namespace core
}  // namespace cxb::inline v1
