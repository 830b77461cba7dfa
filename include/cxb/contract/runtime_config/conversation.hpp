#pragma once
/// @file
/// How a bot holds a conversation: opening, silence, interruption, voice activity, turns,
/// voicemail (spec 10 §3.2). Defaults stand in the member initialisers and, for the wire, in the
/// field tables; a test keeps the two equal.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// `interruptible` false: only high-intent phrases cut the opening.
struct opening {
    milliseconds delay_ms{0};  ///< 0–5000, between answer and first word
    bool interruptible = false;
};

/// What happens when the caller is silent. After the last attempt one more timeout ends the call
/// as RNR. Empty `messages`: the model words it.
struct re_engagement {
    bool enabled = true;
    real_seconds timeout_seconds{8};    ///< 2–120
    int max_attempts = 2;               ///< 0–10
    std::vector<std::string> messages;  ///< ≤ 10
    std::string end_message;
};

/// Words that do not interrupt, and phrases that always do. Compared in lower case.
struct interruption {
    bool enabled = true;
    std::vector<std::string> backchannels{"haan", "hmm", "okay", "ji"};
    std::vector<std::string> high_intent_phrases{"wrong number", "already paid", "agent",
                                                 "settlement",   "galat number", "paise de diye",
                                                 "agent se baat"};
};

/// Voice activity detection; meanings of the numbers: spec 80 §3.1.
struct vad {
    double confidence = 0.7;              ///< 0–1
    real_seconds start_secs{0.2};         ///< 0–5
    real_seconds stop_secs{0.8};          ///< 0–5
    double min_volume = 0.6;              ///< 0–1
    std::optional<std::string> provider;  ///< open word; absent: the Core's default
};

/// Who decides that the caller's turn has ended.
enum class turn_strategy { vad, model, provider };

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::turn_strategy> {
    using e = contract::runtime_config::turn_strategy;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::vad, "vad"}, {e::model, "model"}, {e::provider, "provider"}};
};

namespace contract::runtime_config {

struct turn {
    open_enum<turn_strategy> strategy;
    milliseconds end_silence_ms{800};  ///< 100–5000
    milliseconds max_wait_ms{3000};    ///< 500–15000
    bool interim_transcripts = true;
};

struct voicemail {
    bool detection_enabled = false;
    seconds max_detection_seconds{20};  ///< 5–60
};

CXB_WIRE_DECLARE_PART(opening);
CXB_WIRE_DECLARE_PART(re_engagement);
CXB_WIRE_DECLARE_PART(interruption);
CXB_WIRE_DECLARE_PART(vad);
CXB_WIRE_DECLARE_PART(turn);
CXB_WIRE_DECLARE_PART(voicemail);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
