#pragma once
/// @file
/// A bot as it is stored and edited (spec 20 §5.1): every member of the runtime config that is not
/// computed, and what the control plane itself needs. One table gives validation, defaults, schema.
///
/// Server-only members (`version`, `created_at`, ..., `post_call_push.signing_secret`) are not part
/// of this type; `bot_directory` keeps them beside it. Unknown members are kept in place.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/runtime_config/conversation_policy.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb::api {

namespace rc = contract::runtime_config;

inline constexpr std::size_t bot_name_bytes = 120;

/// When the bot takes calls; days `mon`..`sun`.
struct active_hours_block {
    bool enabled = false;
    std::vector<std::string> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::string start_time = "09:00";
    std::string end_time = "18:00";
};

struct sip_header_line {
    std::string header;
    std::optional<std::string> name;
};
struct sip_header_block {
    bool enabled = false;
    std::vector<sip_header_line> headers;
};

/// Credentials of an outgoing request; `type` none, basic, bearer, api_key, for pushes also
/// oauth2_client_credentials (spec 21 §3.1), whose four members are no templates.
struct outbound_auth {
    std::string type = "none";
    std::string username;
    secret password;
    secret token;
    std::string header;
    secret value;
    std::string token_url;
    std::string client_id;
    secret client_secret;
    std::string scope;
};

inline constexpr std::string_view oauth_auth = "oauth2_client_credentials";

/// Asking the CRM before the call (spec 20 §9).
struct pre_call_fetch_block {
    bool enabled = true;
    std::string url;
    std::string method = "GET";
    std::map<std::string, std::string> headers;
    std::map<std::string, std::string> query;
    outbound_auth auth;
    std::optional<wire::raw_json> body;
    milliseconds timeout_ms{2500};
    int retries = 0;
    std::string response_path;
    std::map<std::string, std::string> mapping;
    wire::raw_json defaults = wire::raw_json::object();
    std::string on_failure = "continue";
    seconds cache_ttl_seconds{0};
    seconds stale_if_error_seconds{0};
};

/// Telling the CRM after the call (spec 21 §3.1).
struct post_call_push_block {
    bool enabled = true;
    std::string url;
    std::string method = "POST";
    std::string format = "json";
    std::map<std::string, std::string> headers;
    outbound_auth auth;
    wire::raw_json key_mapper = wire::raw_json::object();
    seconds timeout_seconds{15};
    int max_attempts = 10;
    bool include_agent_calls = false;
    bool send_updates = false;
    bool sign = false;
};

struct post_call_cache_block {
    bool enabled = false;
    int version_override = 0;
};
struct live_prompt_cache_block {
    bool enabled = false;
    std::string retention = "in_memory";
};

/// Desk and recording without addresses and keys, which are computed per call.
struct bot_desk_block {
    bool enabled = false;
    std::string queue = "default";
    std::string language;
    int priority = 5;
    std::string hold_message;
    std::optional<std::string> hold_audio_url;
    seconds timeout_seconds{120};
};
struct bot_recording_block {
    bool enabled = true;
    int channels = 2;
    std::string announcement;
};

struct bot_document {
    std::string name;
    std::string description;
    std::vector<std::string> tags;
    bool is_active = true;
    std::string timezone = "UTC";
    active_hours_block active_hours;
    std::string system_prompt;
    std::string static_system_prompt;
    std::string dynamic_runtime_prompt;
    std::optional<std::string> prompt_mode;  ///< absent: direct when the static part is not empty
    std::string opening_message;
    rc::opening opening;
    std::optional<rc::re_engagement> re_engagement;
    seconds dead_air_seconds{60};
    seconds max_call_duration_seconds{600};
    std::string max_duration_message;
    int min_words_interruption = 3;
    rc::interruption interruption;
    rc::vad vad;
    rc::turn turn;
    std::string voicemail_message;
    rc::voicemail voicemail;
    std::string pre_transfer_message;
    std::optional<rc::stt_settings> stt;
    std::optional<rc::llm_settings> llm;
    std::optional<rc::tts_settings> tts;
    std::vector<rc::tool> tools;
    std::vector<rc::transfer_target> transfer_targets;
    std::map<std::string, std::string> transfer_numbers;
    bot_desk_block agent_desk;
    bot_recording_block recording;
    std::optional<rc::conversation_policy> conversation_policy;
    std::optional<std::string> post_call_analysis_prompt;
    std::optional<std::string> qc_prompt;
    std::optional<rc::llm_settings> post_call_llm;
    std::optional<rc::auto_dispositions> auto_dispositions;
    bool callback_prompt_injection = false;
    std::optional<std::string> callback_prompt;
    sip_header_block sip_header_config;
    std::optional<pre_call_fetch_block> pre_call_fetch;
    std::optional<post_call_push_block> post_call_push;
    bool knowledge_enabled = false;
    std::string knowledge_trigger_instructions;
    std::vector<std::string> knowledge_kb_ids;
    int knowledge_top_k = 5;
    double knowledge_score_threshold = 0.5;
    bool knowledge_strict = false;
    std::string knowledge_fallback_message;
    std::vector<std::string> widget_allowed_origins;
    post_call_cache_block post_call_cache;
    live_prompt_cache_block live_prompt_cache;
    wire::raw_json unknown = wire::raw_json::object();  ///< members of newer versions, kept

    /// `prompt_mode` with its rule for absence.
    [[nodiscard]] bool is_direct() const noexcept {
        return prompt_mode ? *prompt_mode == "direct" : !static_system_prompt.empty();
    }
};

CXB_WIRE_DECLARE_PART(active_hours_block);
CXB_WIRE_DECLARE_PART(sip_header_line);
CXB_WIRE_DECLARE_PART(sip_header_block);
CXB_WIRE_DECLARE_PART(outbound_auth);
CXB_WIRE_DECLARE_PART(pre_call_fetch_block);
CXB_WIRE_DECLARE_PART(post_call_push_block);
CXB_WIRE_DECLARE_PART(post_call_cache_block);
CXB_WIRE_DECLARE_PART(live_prompt_cache_block);
CXB_WIRE_DECLARE_PART(bot_desk_block);
CXB_WIRE_DECLARE_PART(bot_recording_block);
CXB_WIRE_DECLARE(bot_document);

}  // namespace cxb::api
