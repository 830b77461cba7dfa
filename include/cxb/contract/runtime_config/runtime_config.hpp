#pragma once
/// @file
/// Everything a worker needs for one call: the answer to `GET {config_url}/{bot_id}`
/// (spec 10 §3.2–§3.7).
///
/// Written by the control plane, read by Cores. All texts are rendered already. Only `session_id`,
/// `webhook_url`, `system_prompt` and `opening_message` are required; every other member has the
/// default shown, so an answer of an older or smaller control plane works. Unknown members are
/// ignored. Cores should parse with `parse_options::tolerant_items`, which drops a broken tool or
/// transfer target with a warning instead of losing the call.
///
/// | field                     | absent means | bounds, unit   | note                        |
/// |---------------------------|--------------|----------------|-----------------------------|
/// | session_id                | required     | 1-128          | keys everything after       |
/// | webhook_url               | required     | absolute URL   | the result goes here        |
/// | system_prompt             | required     | 256 KiB        | rendered, personal          |
/// | opening_message           | required     | 8 KiB          | "" = wait for the caller    |
/// | timezone                  | UTC          | IANA           | unknown counts as UTC       |
/// | dead_air_seconds          | 60           | 10-600 s       | neither side speaks: RNR    |
/// | max_call_duration_seconds | 600          | 10-14400 s     | then timeout                |
/// | min_words_interruption    | 3            | 0-20 words     | fewer do not interrupt      |
/// | stt, llm, tts             | simulated outside production | | provider blocks           |
///
/// Errors of `parse_runtime_config`: `malformed`, `invalid` (all faults), `too_large` (> 1 MiB).
/// Ownership: plain values. Thread-safety: const access from any thread.
/// Example: examples/cpp/fetch_config.cpp.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/runtime_config/call_end.hpp"
#include "cxb/contract/runtime_config/conversation.hpp"
#include "cxb/contract/runtime_config/prompt_parts.hpp"
#include "cxb/contract/runtime_config/speech.hpp"
#include "cxb/contract/runtime_config/tools.hpp"
#include "cxb/contract/runtime_config/transfer.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// Members are named like their types, so the types are written through this alias.
namespace parts = contract::runtime_config;

/// The three namespaces as texts, for tools and the desk hand-off.
struct variable_namespaces {
    wire::raw_json call = wire::raw_json::object();
    wire::raw_json crm = wire::raw_json::object();
    wire::raw_json system = wire::raw_json::object();
};

/// SIP facts of the call; `headers` are those of the bot's `sip_header_config`, lower-case names.
struct sip_context {
    std::map<std::string, std::string> headers;
    std::optional<std::string> call_id;
    std::optional<std::string> trunk_id;
    std::optional<std::string> caller_number;
    std::optional<std::string> dialed_number;
};

struct runtime_config {
    std::string session_id;
    std::string bot_id;
    std::string bot_name;
    std::string config_version;  ///< copy it to `pipeline_config` of the result
    std::string webhook_url;
    std::string timezone = "UTC";
    std::string system_prompt;
    std::string opening_message;
    parts::prompt_parts prompt_parts;
    parts::opening opening;
    std::optional<parts::re_engagement> re_engagement;  ///< absent = off
    seconds dead_air_seconds{60};
    seconds max_call_duration_seconds{600};
    std::string max_duration_message;
    int min_words_interruption = 3;
    parts::interruption interruption;
    parts::vad vad;
    parts::turn turn;
    std::string voicemail_message;
    parts::voicemail voicemail;
    std::string pre_transfer_message;
    std::optional<stt_settings> stt;
    std::optional<llm_settings> llm;
    std::optional<tts_settings> tts;
    std::vector<tool> tools;
    std::vector<transfer_target> transfer_targets;
    std::map<std::string, std::string> transfer_numbers;  ///< label → number, legacy
    parts::knowledge knowledge;
    parts::agent_desk agent_desk;
    parts::recording recording;
    variable_namespaces variables;
    std::optional<parts::sip_context> sip_context;
    bool callback_detection_enabled = false;
    std::optional<wire::raw_json> conversation_policy;
    std::optional<std::string> post_call_analysis_prompt;
    std::optional<std::string> qc_prompt;
    bool post_call_cache_enabled = false;
    std::string post_call_cache_version;
    std::optional<parts::post_call_cache> post_call_cache;
    std::optional<llm_settings> post_call_llm;  ///< absent: the call's `llm`
    std::optional<parts::auto_dispositions> auto_dispositions;
};

CXB_WIRE_DECLARE_PART(variable_namespaces);
CXB_WIRE_DECLARE_PART(sip_context);
CXB_WIRE_DECLARE(runtime_config);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
