#pragma once
/// @file
/// What a conversation is told and what it asks for. A request carries a key; its reply brings the
/// key back. Replies that come when nobody waits any more are only noted.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/wire/json.hpp"
#include "server/core/conversation/conversation_config.hpp"
#include "server/core/conversation/conversation_record.hpp"
#include "server/core/conversation/history.hpp"
#include "server/core/sim/scripted_model.hpp"

namespace cxb::inline v1 {
namespace core {

using request_key = std::uint64_t;

// --- events -----------------------------------------------------------------------------------
struct call_answered {};
/// Before the answer; `status` is the SIP status (spec 10 §4.3).
struct call_failed {
    int status = 0;
};
struct caller_voice_started {
    line_sound::kind what = line_sound::kind::caller_words;
};
/// The voice detector is sure; the last voice lies before.
struct caller_voice_stopped {
    time_point last_voice;
};
/// Words heard that may still change: those after the last final text.
struct caller_interim {
    std::string text;
};
struct caller_final {
    std::string text;
};
struct caller_tone {
    double hertz = 0;
    milliseconds length{0};
};
struct caller_key {
    char digit = '0';
};
/// Sound of the line, 8 kHz LINEAR16. For the ear of a call, which turns it into the events above.
struct caller_audio {
    std::string pcm;
};
struct caller_left {
    std::string raw_reason;
};
/// `error` is "" or timeout, network, blocked, too_large, status.
struct tool_replied {
    request_key key = 0;
    int http_status = 0;
    wire::json_value body;
    std::string error;
};
struct knowledge_replied {
    request_key key = 0;
    bool ok = true;
    wire::json_array results;  ///< given to the model
    double top_score = 0;
    wire::json_array chunk_ids;
    std::string say_instead;  ///< strict knowledge without a hit: spoken as it is
};
struct model_replied {
    request_key key = 0;
    std::string text;
    std::vector<model_tool_call> calls;
    int prompt_tokens = 0;
    int completion_tokens = 0;
    std::string error;  ///< "" or the code of a failure after all repeats
};
struct desk_replied {
    bool accepted = false;
    std::string reason;
};
struct transfer_replied {
    std::string failed_reason;  ///< "": the far side took the call
};
/// Ends the call as `error`: an operator, the drain deadline, a fault outside.
struct call_stopped {
    std::string code;
    std::string message;
};
/// The line failed: ends the call as `error`.
struct line_broke {
    std::string code;
    std::string message;
};
/// The simulated party missed what it expected; noted as an event.
struct expectation_missed {
    std::string pattern;
};
/// Something in the configuration was not usable; noted as an event.
struct config_noted {
    std::string pointer;
    std::string reason;
};
/// The recording could not be made or went on no longer.
struct recording_lost {};
struct time_passed {};

using conversation_input =
    std::variant<time_passed, call_answered, call_failed, caller_voice_started,
                 caller_voice_stopped, caller_interim, caller_final, caller_tone, caller_key,
                 caller_audio, caller_left, tool_replied, knowledge_replied, model_replied,
                 desk_replied, transfer_replied, call_stopped, line_broke, expectation_missed,
                 config_noted, recording_lost>;

// --- actions ----------------------------------------------------------------------------------
struct ask_tool {
    request_key key = 0;
    std::string name;
    std::string call_id;
    wire::json_object arguments;
};
struct ask_knowledge {
    request_key key = 0;
    std::string query;
};
struct ask_model {
    request_key key = 0;
    ask_cause cause = ask_cause::user_turn;
    bool may_call = true;
    std::vector<history_item> history;
};
struct ask_desk {
    std::string queue;
    std::string reason;
};
struct ask_transfer {
    transfer_plan plan;
};
/// Bot audio begins; it lasts `length` unless it is cut.
struct play_sentence {
    std::string text;
    time_point at;
    milliseconds length{0};
};
struct sentence_over {
    std::string text;
};
struct stop_playing {};
/// Nothing more happens; the record is complete.
struct conversation_over {};

using conversation_output =
    std::variant<ask_tool, ask_knowledge, ask_model, ask_desk, ask_transfer, play_sentence,
                 sentence_over, stop_playing, conversation_over>;

}  // namespace core
}  // namespace cxb::inline v1
