#pragma once
/// @file
/// The open words of call results (spec 10 §4.1–§4.4). Unknown words survive a round trip;
/// aliases are read and never written.

#include "cxb/base/open_enum.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

/// Who called whom; `incoming` and `outgoing` are read too.
enum class call_direction { inbound, outbound };

/// Why a call ended; what follows from it: `domain/call_status.hpp`.
enum class disconnect_word {
    customer,           ///< the far side hung up
    bot,                ///< the bot ended it, also after a native transfer
    timeout,            ///< maximum duration reached
    rnr,                ///< nobody spoke (`RNR`)
    voicemail,          ///< a machine answered
    error,              ///< a fault of ours
    no_answer,          ///< not picked up in time
    rejected,           ///< busy or declined
    outside_hours,      ///< the bot's hours are over
    transfer_to_agent,  ///< the desk took the call
    no_agent,           ///< the desk had nobody
    agent,              ///< a human agent hung up
    supervisor,         ///< a supervisor ended it
    superseded          ///< another worker took over the room
};

/// What became of the recording; `pending`: it will still be uploaded.
enum class recording_status { uploaded, pending, failed, none };

/// Whether the post-call analysis was made; `skipped` by `domain/auto_disposition.hpp`.
enum class analysis_status { done, skipped, failed };

/// Who spoke; `bot` is read as assistant, `customer` and `caller` as user.
enum class speaker {
    assistant,  ///< the bot
    user,       ///< the customer
    system,     ///< a note for the model
    tool,       ///< what a tool answered
    agent       ///< a human agent
};

/// What a provider was used for.
enum class usage_kind {
    llm,        ///< the conversation
    stt,        ///< speech to text
    tts,        ///< text to speech
    post_call,  ///< analysis after the call
    qc,         ///< quality check after the call
    embedding   ///< knowledge search
};

/// What the provider's prompt cache did for a request.
enum class cache_status { hit, created, miss, disabled, error };

/// What became of a posted result; the rule is `domain/result_merge.hpp`.
enum class ack_result { stored, updated, duplicate, stale, kept_previous };

/// What happened in a call, and what `data` holds (spec 10 §4.2).
enum class event_type {
    call_started,         ///< {transport}
    call_answered,        ///< no data
    opening_message,      ///< no data
    recording_started,    ///< {key}
    recording_uploaded,   ///< {key}
    recording_failed,     ///< {key}
    interruption,         ///< {text}
    re_engagement,        ///< {attempt}
    dtmf,                 ///< {digit}
    voicemail_detected,   ///< no data
    amd_result,           ///< {decision, reason}
    tool_call,            ///< name = tool; {call_id, arguments}
    custom_tool_result,   ///< name = tool, status, duration_ms; {call_id, result or error}
    knowledge_search,     ///< {query, hits, top_score, chunk_ids}
    transfer_requested,   ///< {target, method, destination, reason?}
    transfer_started,     ///< the same
    transfer_succeeded,   ///< the same
    transfer_failed,      ///< the same
    agent_desk_enqueued,  ///< {queue, reason?}
    agent_desk_failed,    ///< the same
    agent_desk_timeout,   ///< the same
    all_agents_declined,  ///< the same
    service_error,   ///< name = stt, llm, …; {code, message, provider?, retried, fallback_used}
    config_warning,  ///< {pointer, reason}
    cache_event,     ///< {action, name}
    max_duration_reached,  ///< no data
    dead_air,              ///< no data
    call_ended             ///< {disconnected_by, raw_reason?}
};

}  // namespace contract::call_results

template <>
struct enum_words<contract::call_results::call_direction> {
    using e = contract::call_results::call_direction;
    static constexpr std::pair<e, std::string_view> words[] = {{e::inbound, "inbound"},
                                                               {e::outbound, "outbound"}};
    static constexpr std::pair<std::string_view, e> aliases[] = {{"incoming", e::inbound},
                                                                 {"outgoing", e::outbound}};
};
template <>
struct enum_words<contract::call_results::disconnect_word> {
    using e = contract::call_results::disconnect_word;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::customer, "customer"},
        {e::bot, "bot"},
        {e::timeout, "timeout"},
        {e::rnr, "RNR"},
        {e::voicemail, "voicemail"},
        {e::error, "error"},
        {e::no_answer, "no_answer"},
        {e::rejected, "rejected"},
        {e::outside_hours, "outside_hours"},
        {e::transfer_to_agent, "transfer_to_agent"},
        {e::no_agent, "no_agent"},
        {e::agent, "agent"},
        {e::supervisor, "supervisor"},
        {e::superseded, "superseded"}};
};
template <>
struct enum_words<contract::call_results::recording_status> {
    using e = contract::call_results::recording_status;
    static constexpr std::pair<e, std::string_view> words[] = {{e::uploaded, "uploaded"},
                                                               {e::pending, "pending"},
                                                               {e::failed, "failed"},
                                                               {e::none, "none"}};
};
template <>
struct enum_words<contract::call_results::analysis_status> {
    using e = contract::call_results::analysis_status;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::done, "done"}, {e::skipped, "skipped"}, {e::failed, "failed"}};
};
template <>
struct enum_words<contract::call_results::speaker> {
    using e = contract::call_results::speaker;
    static constexpr std::pair<e, std::string_view> words[] = {{e::assistant, "assistant"},
                                                               {e::user, "user"},
                                                               {e::system, "system"},
                                                               {e::tool, "tool"},
                                                               {e::agent, "agent"}};
    static constexpr std::pair<std::string_view, e> aliases[] = {
        {"bot", e::assistant}, {"customer", e::user}, {"caller", e::user}};
};
template <>
struct enum_words<contract::call_results::usage_kind> {
    using e = contract::call_results::usage_kind;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::llm, "llm"}, {e::stt, "stt"},
        {e::tts, "tts"}, {e::post_call, "post_call"},
        {e::qc, "qc"},   {e::embedding, "embedding"}};
};
template <>
struct enum_words<contract::call_results::cache_status> {
    using e = contract::call_results::cache_status;
    static constexpr std::pair<e, std::string_view> words[] = {{e::hit, "hit"},
                                                               {e::created, "created"},
                                                               {e::miss, "miss"},
                                                               {e::disabled, "disabled"},
                                                               {e::error, "error"}};
};
template <>
struct enum_words<contract::call_results::ack_result> {
    using e = contract::call_results::ack_result;
    static constexpr std::pair<e, std::string_view> words[] = {{e::stored, "stored"},
                                                               {e::updated, "updated"},
                                                               {e::duplicate, "duplicate"},
                                                               {e::stale, "stale"},
                                                               {e::kept_previous, "kept_previous"}};
};
template <>
struct enum_words<contract::call_results::event_type> {
    using e = contract::call_results::event_type;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::call_started, "call_started"},
        {e::call_answered, "call_answered"},
        {e::opening_message, "opening_message"},
        {e::recording_started, "recording_started"},
        {e::recording_uploaded, "recording_uploaded"},
        {e::recording_failed, "recording_failed"},
        {e::interruption, "interruption"},
        {e::re_engagement, "re_engagement"},
        {e::dtmf, "dtmf"},
        {e::voicemail_detected, "voicemail_detected"},
        {e::amd_result, "amd_result"},
        {e::tool_call, "tool_call"},
        {e::custom_tool_result, "custom_tool_result"},
        {e::knowledge_search, "knowledge_search"},
        {e::transfer_requested, "transfer_requested"},
        {e::transfer_started, "transfer_started"},
        {e::transfer_succeeded, "transfer_succeeded"},
        {e::transfer_failed, "transfer_failed"},
        {e::agent_desk_enqueued, "agent_desk_enqueued"},
        {e::agent_desk_failed, "agent_desk_failed"},
        {e::agent_desk_timeout, "agent_desk_timeout"},
        {e::all_agents_declined, "all_agents_declined"},
        {e::service_error, "service_error"},
        {e::config_warning, "config_warning"},
        {e::cache_event, "cache_event"},
        {e::max_duration_reached, "max_duration_reached"},
        {e::dead_air, "dead_air"},
        {e::call_ended, "call_ended"}};
};
}  // namespace cxb::inline v1
CXB_EXPORT_END
