#pragma once
/// @file
/// The open words of call results (spec 10 §4.1–§4.4). Unknown words survive a round trip;
/// aliases are read and never written.

#include "cxb/base/open_enum.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {

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

enum class recording_status { uploaded, pending, failed, none };
enum class analysis_status { done, skipped, failed };
enum class speaker { assistant, user, system, tool, agent };
enum class usage_kind { llm, stt, tts, post_call, qc, embedding };
enum class cache_status { hit, created, miss, disabled, error };
/// What became of a posted result; the rule is `domain/result_merge.hpp`.
enum class ack_result { stored, updated, duplicate, stale, kept_previous };

/// What happened in a call; the `data` of each stands in the table of spec 10 §4.2.
enum class event_type {
    call_started,
    call_answered,
    opening_message,
    recording_started,
    recording_uploaded,
    recording_failed,
    interruption,
    re_engagement,
    dtmf,
    voicemail_detected,
    amd_result,
    tool_call,
    custom_tool_result,
    knowledge_search,
    transfer_requested,
    transfer_started,
    transfer_succeeded,
    transfer_failed,
    agent_desk_enqueued,
    agent_desk_failed,
    agent_desk_timeout,
    all_agents_declined,
    service_error,
    config_warning,
    cache_event,
    max_duration_reached,
    dead_air,
    call_ended
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
        {e::llm, "llm"},             {e::stt, "stt"}, {e::tts, "tts"},
        {e::post_call, "post_call"}, {e::qc, "qc"},   {e::embedding, "embedding"}};
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
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::stored, "stored"},
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
