#pragma once
/// @file
/// What a conversation needs to know of a bot: plain data, filled from the runtime config
/// (spec 10 §3) by whoever starts the call. Defaults are those of the contract.
/// Thread-safety: value types.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/domain/interruption.hpp"
#include "cxb/wire/json.hpp"
#include "server/core/conversation/turn.hpp"

namespace cxb::inline v1 {
namespace core {

struct re_engagement_settings {
    bool enabled = false;
    milliseconds timeout{8000};
    int max_attempts = 2;
    std::vector<std::string> messages;  ///< empty: the model words it
    std::string end_message;
};

struct voicemail_settings {
    bool detection = false;
    milliseconds window{20000};  ///< looked for this long after answer
    std::string message;         ///< spoken before hanging up; "" nothing
};

/// A tool the model may call.
struct conversation_tool {
    std::string name;
    bool http =
        false;  ///< else built in: end_call, transfer_call, detected_voicemail, search_knowledge
    wire::json_object parameters;  ///< JSON Schema of the arguments
    std::string pre_message;       ///< spoken when an HTTP call takes over 300 ms
    bool sensitive = false;        ///< arguments and result are recorded as "***"
};

/// Where a transfer goes: the outcome of choose_target (spec 10 §3.5).
struct transfer_plan {
    std::string target;       ///< id or label
    std::string method;       ///< websocket_reverse_transfer, livekit_sip_refer, agent_desk
    std::string destination;  ///< number, URI, or the desk's queue
};

/// How the built-in providers of the simulation take their time.
struct speech_timing {
    milliseconds per_character{60};  ///< bot audio (simulated TTS)
    milliseconds tts_least{80};      ///< first audio of a sentence
    milliseconds tts_most{160};
    milliseconds model_least{250};  ///< first piece of an answer
    milliseconds model_most{550};
    milliseconds model_piece{20};  ///< between pieces
};

struct conversation_config {
    std::string session_id;
    std::string transport = "attach";  ///< word of the config request
    bool outbound = false;             ///< dialled by us: rings before it is answered

    std::string opening_message;
    milliseconds opening_delay{0};
    bool opening_interruptible = false;
    re_engagement_settings re_engagement;
    milliseconds dead_air{60000};
    milliseconds max_duration{600000};
    std::string max_duration_message;
    domain::interruption_rule interruption;
    turn_settings turn;
    voicemail_settings voicemail;
    std::string pre_transfer_message;
    std::string filler;  ///< spoken once a turn after 2 s without sound; "" none
    std::string apology = "Sorry, there is a technical problem. Please call again.";

    std::vector<conversation_tool> tools;
    /// Chooses for a requested id or label ("" = none asked). An error's detail goes to the model.
    /// Unset: no transfer is possible.
    std::function<result<transfer_plan>(std::string_view requested)> choose_target;

    bool recording = true;
    std::string recording_key;
    std::string recording_announcement;  ///< spoken before the recording starts

    std::string stt_provider = "simulated";
    std::string tts_provider = "simulated";
    std::string llm_provider = "scripted";
    std::string llm_model;
    bool model_outside = false;  ///< the model is asked through an action, not the script
    std::optional<wire::json_object> script;  ///< `extra.script`; absent: the default script
    std::string system_prompt;

    speech_timing timing;
};

}  // namespace core
}  // namespace cxb::inline v1
