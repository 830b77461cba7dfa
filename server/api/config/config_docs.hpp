#pragma once
/// @file
/// What the OpenAPI document tells of runtime configs:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view preview_schema() {
    static std::string const text = server::object_schema(
        "preview",
        "config object, variables @variables, unresolved string[], active @active, "
        "prefetch? object, steps @step[]",
        {{"variables",
          server::object_schema("variables", "call object, crm object, system object")},
         {"active", server::object_schema("active", "open boolean, next_open_at? time")},
         {"step", server::object_schema("step", "name string, ms integer, note? string")}});
    return text;
}

inline constexpr std::string_view config_example =
    R"({"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"bot_id":"6b029aee2e5f75ee541227d1","bot_name":"Payment reminder",
"config_version":"a066b7f150b71ae1",
"webhook_url":"https://cxb.example.com/api/v1/call-results",
"system_prompt":"You are Asha, calling Ravi.",
"opening_message":"Hello, this is Asha.","timezone":"Asia/Kolkata",
"prompt_parts":{"mode":"legacy","cache_enabled":false,"static_system_prompt":"",
"dynamic_runtime_prompt":"","static_version":"33cf10f067ce4b9d",
"prompt_cache_key":"cxb-6b029aee2e5f75ee541227d1-33cf10f067ce4b9d",
"openai_prompt_cache_key":"cxb-6b029aee2e5f75ee541227d1-33cf10f067ce4b9d",
"prompt_cache_retention":"in_memory",
"openai_prompt_cache_retention":"in_memory","cached_content_name":""},
"opening":{"delay_ms":0,"interruptible":false},"dead_air_seconds":60,
"max_call_duration_seconds":600,"max_duration_message":"",
"min_words_interruption":3,"interruption":{"enabled":true,"backchannels":[
"haan","hmm","okay","ji"],"high_intent_phrases":["wrong number","already paid",
"agent","settlement","galat number","paise de diye","agent se baat"]},"vad":{
"confidence":0.7,"start_secs":0.2,"stop_secs":0.8,"min_volume":0.6},"turn":{
"strategy":"vad","end_silence_ms":800,"max_wait_ms":3000,
"interim_transcripts":true},"voicemail_message":"","voicemail":{
"detection_enabled":false,"max_detection_seconds":20},"pre_transfer_message":"",
"stt":{"provider":"soniox","api_key":"sk-1234567890abcd","model":"stt-rt-v3",
"language":"en","extra":{}},"llm":{"provider":"openai","api_key":"",
"model":"gpt-4.1-mini","temperature":0.7,"max_tokens":256,"extra":{}},"tts":{
"provider":"elevenlabs","api_key":"","voice_id":"asha","model":"","language":"",
"speed":1,"cache_enabled":true,"extra":{}},"tools":[],"transfer_targets":[],
"transfer_numbers":{},"knowledge":{"enabled":false,"kb_ids":[],"top_k":5,
"score_threshold":0.5,"strict":false,"fallback_message":"",
"trigger_instructions":"","timeout_ms":2000},"agent_desk":{"enabled":false,
"queue":"default","language":"","priority":5,"hold_message":"",
"timeout_seconds":120},"recording":{"enabled":true,"format":"wav","channels":2,
"key":"2026/11/22/01a2022d-32b9-7149-85cc-40025582ba10.wav","announcement":"",
"storage":{"kind":"upload_url",
"upload_url":"https://cxb.example.com/api/v1/recordings/upload/01a2022d-32b9-7149-85cc-4002?e=1",
"upload_headers":{},"expires_at":"2026-11-23T07:57:19.308Z",
"bucket":"recordings"}},"variables":{"call":{"FIRSTNAME":"Ravi","caller_id":"",
"stream_id":"","session_id":"01a2022d-32b9-7149-85cc-40025582ba10"},"crm":{
"FIRSTNAME":"Ravi"},"system":{"current_date":"22 November 2026",
"current_time":"01:17 PM IST",
"current_datetime":"22 November 2026, 01:17 PM IST","timezone":"Asia/Kolkata",
"current_day":"Sunday"}},"callback_detection_enabled":false,
"post_call_cache_enabled":false,"post_call_cache_version":"fafa5ed6fe515896"})";

inline constexpr server::route_error get_config_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "session_completed", "The session has a result already"},
    {503, "bot_inactive", "The bot is switched off"},
    {503, "bot_incomplete", "A block of the bot is missing and has no default"},
    {503, "config_deadline", "The build took longer than config.deadline_ms"},
    {503, "crm_prefetch_failed", "The CRM was not to be had and the bot says reject"},
    {503, "outside_active_hours",
     "The bot is closed at this hour; next_open_at says when it opens"},
    {503, "store_unavailable", "The call could not be written in time"}};

inline constexpr server::route_doc get_config_doc{
    .description =
        "Builds what a worker needs for one call, with every secret it has to use, and "
        "writes the call before it answers. The same `fetch_id` within 10 minutes gives "
        "the same call.",
    .response_example = config_example,
    .errors = get_config_errors};

inline constexpr server::route_doc post_config_doc{
    .description =
        "As GET, with the parameters as members of the body. A `connected_event` that is "
        "no object reads as an empty one.",
    .request_example = R"({"caller_id":"+919876543210","stream_id":"st-996741fd","connected_event":{
"CUSTOMERID":"C9"}})",
    .response_example = config_example,
    .errors = get_config_errors};

inline constexpr server::route_doc get_config_by_query_doc{
    .description = "As GET with the bot in the path.",
    .response_example = config_example,
    .errors = get_config_errors};

inline constexpr server::route_error preview_config_errors[] = {
    {404, "not_found", "Bot not found"},
    {503, "bot_incomplete", "A block of the bot is missing and has no default"},
    {503, "config_deadline", "The build took longer than config.deadline_ms"},
    {503, "crm_prefetch_failed", "The CRM was not to be had and the bot says reject"}};

inline constexpr server::route_doc preview_config_doc{
    .description =
        "Builds the config as for a call at the moment `at` and tells every variable, "
        "what stayed unresolved, whether the bot is open and how long each step took. "
        "Nothing is written.",
    .request_example =
        R"({"caller_id":"+919876543210","connected_event":{"CUSTOMERID":"C9"},"mock_crm":{
"FIRSTNAME":"Ravi"},"at":"2026-11-22T10:00:00Z"})",
    .response_example = R"({"config":{"session_id":"preview","bot_id":"6b029aee2e5f75ee541227d1",
"bot_name":"Payment reminder","config_version":"3c65036dad4eb561",
"system_prompt":"You are Asha, calling Ravi."},"variables":{"call":{
"caller_id":"+919876543210","stream_id":"","session_id":"preview",
"CUSTOMERID":"C9"},"crm":{"CUSTOMERID":"C9","FIRSTNAME":"Ravi"},"system":{
"current_date":"22 November 2026","timezone":"Asia/Kolkata"}},"unresolved":[],
"active":{"open":true},"steps":[{"name":"variables","ms":0},{"name":"render",
"ms":0}]})",
    .errors = preview_config_errors};

}  // namespace cxb::api
