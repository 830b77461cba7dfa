#pragma once
/// @file
/// What the OpenAPI document tells of bots:
/// texts, examples, schemas of answers.

#include "server/api/bots/bot_document.hpp"
#include "server/common/openapi/joined_text.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view named_schema() {
    static std::string const text = server::object_schema("named", "id string, name string");
    return text;
}

[[nodiscard]] inline std::string_view bot_schema() {
    static std::string const text = server::extended_schema(
        bot_document_schema(), "bot",
        "id string, name known, is_active known, timezone known, version integer, "
        "created_at time, updated_at time");
    return text;
}

[[nodiscard]] inline std::string_view shown_bot_schema() {
    static std::string const text =
        server::extended_schema(bot_schema(), "shown_bot", "locked boolean, locked_by @named[]",
                                {{"named", named_schema()}});
    return text;
}

[[nodiscard]] inline std::string_view saved_bot_schema() {
    static std::string const text =
        server::extended_schema(shown_bot_schema(), "saved_bot", "warnings string[]");
    return text;
}

/// What a PUT may send: nothing of it is required.
[[nodiscard]] inline std::string_view bot_changes_schema() {
    static std::string const text = server::optional_schema(bot_document_schema(), "bot_changes");
    return text;
}

[[nodiscard]] inline std::string_view listed_bot_schema() {
    static std::string const text = server::object_schema(
        "listed_bot",
        "id string, name string, is_active boolean, timezone string, version integer, "
        "created_at time, updated_at time, stt_provider string, llm_provider string, "
        "tts_provider string, policy_type string, locked boolean");
    return text;
}

[[nodiscard]] inline std::string_view fresh_secret_schema() {
    static std::string const text = server::object_schema("fresh_secret", "secret string");
    return text;
}

[[nodiscard]] inline std::string_view wss_url_schema() {
    static std::string const text =
        server::object_schema("wss_url", "wss_url string, exotel_url string");
    return text;
}

[[nodiscard]] inline std::string_view bot_variable_schema() {
    static std::string const text =
        server::object_schema("bot_variable", "token string, namespace string, used_in string[]");
    return text;
}

[[nodiscard]] inline std::string_view widget_key_schema() {
    static std::string const text = server::object_schema("widget_key", "widget_api_key string");
    return text;
}

[[nodiscard]] inline std::string_view post_call_cache_schema() {
    static std::string const text = server::object_schema(
        "post_call_cache",
        "enabled boolean, version string|null, version_override integer, ready boolean, "
        "refreshed_at time|null, refreshed_by string|null");
    return text;
}

[[nodiscard]] inline std::string_view bot_version_schema() {
    static std::string const text = server::object_schema(
        "bot_version",
        "version integer, changed_by string, changed_at time, note string, changed_paths "
        "string[]");
    return text;
}

[[nodiscard]] inline std::string_view bot_change_schema() {
    static std::string const text = server::object_schema(
        "bot_change", "path string, op =add/remove/replace, old? any, new? any");
    return text;
}

[[nodiscard]] inline std::string_view clone_body_schema() {
    static std::string const text = server::object_schema("clone_body", "name? string|null");
    return text;
}

/// Without the closing brace.
inline constexpr std::string_view bot_example_members =
    R"({"name":"Payment reminder","description":"","tags":[],"is_active":true,
"timezone":"Asia/Kolkata","active_hours":{"enabled":false,"days":["mon","tue",
"wed","thu","fri","sat","sun"],"start_time":"09:00","end_time":"18:00"},
"system_prompt":"You are Asha, calling {{crm.FIRSTNAME}}.",
"static_system_prompt":"","dynamic_runtime_prompt":"",
"opening_message":"Hello, this is Asha.","opening":{"delay_ms":0,
"interruptible":false},"dead_air_seconds":60,"max_call_duration_seconds":600,
"max_duration_message":"","min_words_interruption":3,"interruption":{
"enabled":true,"backchannels":["haan","hmm","okay","ji"],"high_intent_phrases":[
"wrong number","already paid","agent","settlement","galat number",
"paise de diye","agent se baat"]},"vad":{"confidence":0.7,"start_secs":0.2,
"stop_secs":0.8,"min_volume":0.6},"turn":{"strategy":"vad","end_silence_ms":800,
"max_wait_ms":3000,"interim_transcripts":true},"voicemail_message":"",
"voicemail":{"detection_enabled":false,"max_detection_seconds":20},
"pre_transfer_message":"","stt":{"provider":"soniox","api_key":"sk-1••••••abcd",
"model":"stt-rt-v3","language":"en","extra":{}},"llm":{"provider":"openai",
"api_key":"","model":"gpt-4.1-mini","temperature":0.7,"max_tokens":256,
"extra":{}},"tts":{"provider":"elevenlabs","api_key":"","voice_id":"asha",
"model":"","language":"","speed":1,"cache_enabled":true,"extra":{}},"tools":[],
"transfer_targets":[],"transfer_numbers":{},"agent_desk":{"enabled":false,
"queue":"default","language":"","priority":5,"hold_message":"",
"timeout_seconds":120},"recording":{"enabled":true,"channels":2,
"announcement":""},"callback_prompt_injection":false,"sip_header_config":{
"enabled":false,"headers":[]},"knowledge_enabled":false,
"knowledge_trigger_instructions":"","knowledge_kb_ids":[],"knowledge_top_k":5,
"knowledge_score_threshold":0.5,"knowledge_strict":false,
"knowledge_fallback_message":"","widget_allowed_origins":[],"post_call_cache":{
"enabled":false,"version_override":0},"live_prompt_cache":{"enabled":false,
"retention":"in_memory"},"updated_by":"admin2@example.com","version":1,
"created_at":"2026-11-22T07:47:19.291Z","created_by":"admin2@example.com",
"updated_at":"2026-11-22T07:47:19.291Z","id":"6b029aee2e5f75ee541227d1",
"widget_api_key":null,"post_call_cache_state":null,
"live_prompt_cache_state":null,"locked":false,"locked_by":[])";

inline constexpr std::string_view bot_example_end = "}";
inline constexpr std::string_view bot_warnings_end = R"(,"warnings":["llm.temprature"]})";
inline constexpr std::string_view bot_example =
    server::joined_text<bot_example_members, bot_example_end>;
inline constexpr std::string_view saved_bot_example =
    server::joined_text<bot_example_members, bot_warnings_end>;

inline constexpr server::route_doc list_bots_doc{
    .description = "A page of the bots that are not deleted, with what a list shows of each.",
    .response_example = R"({"items":[{"id":"6b029aee2e5f75ee541227d1","name":"Payment reminder",
"is_active":true,"timezone":"Asia/Kolkata","version":3,
"created_at":"2026-11-22T07:34:06.265Z","updated_at":"2026-11-22T07:34:49.310Z",
"stt_provider":"soniox","llm_provider":"openai","tts_provider":"elevenlabs",
"policy_type":"","locked":false}],"total":1,"page":1,"limit":50})"};

inline constexpr server::route_doc create_bot_doc{
    .description =
        "Makes a bot from the members that are sent; absent ones get their defaults. "
        "`warnings` names members that nothing knows: they are kept.",
    .request_example = R"({"name":"Payment reminder","timezone":"Asia/Kolkata",
"system_prompt":"You are Asha, calling {{crm.FIRSTNAME}}.",
"opening_message":"Hello, this is Asha.","llm":{"provider":"openai",
"model":"gpt-4.1-mini"}})",
    .response_example = saved_bot_example};

inline constexpr server::route_error get_bot_errors[] = {{404, "not_found", "Bot not found"}};

inline constexpr server::route_doc get_bot_doc{
    .description =
        "The whole document. `locked_by` names the running campaigns that use it; ETag "
        "holds its version.",
    .response_example = bot_example,
    .errors = get_bot_errors};

inline constexpr server::route_error change_bot_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "bot_locked", "A running campaign uses the bot"},
    {409, "version_conflict", "The bot changed twice while the members were merged"},
    {412, "version_conflict", "The bot has another version than If-Match names"}};

inline constexpr server::route_doc change_bot_doc{
    .description =
        "Replaces the members that are sent. A mask keeps the stored secret. With `If-"
        "Match: \"<version>\"` it is done only to that version. What changes nothing "
        "makes no new version.",
    .request_example = R"({"description":"Second version","is_active":true})",
    .response_example = saved_bot_example,
    .errors = change_bot_errors};

inline constexpr server::route_error delete_bot_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "bot_in_use", "A number is mapped to the bot"},
    {409, "bot_locked", "A running campaign uses the bot"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc delete_bot_doc{
    .description = "Takes the bot out of use; its versions and calls stay.",
    .response_example = server::deleted_example,
    .errors = delete_bot_errors};

inline constexpr server::route_error rotate_push_secret_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "conflict", "The bot has no post-call push"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc rotate_push_secret_doc{
    .description =
        "Makes a new secret for signing pushes and shows it here only. The old one signs "
        "along for `push.rotation_hours`.",
    .response_example = R"({"secret":"whsec_6DVmJysA+qJKSkvyIO78FivQK9kzCb6ai5qhQewFvkw="})",
    .errors = rotate_push_secret_errors};

inline constexpr server::route_error end_push_secret_errors[] = {
    {404, "not_found", "Bot not found, or it has no former secret"},
    {409, "conflict", "The bot has no post-call push"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc end_push_secret_doc{
    .description = "Ends the time in which the old secret signs along.",
    .response_example = server::deleted_example,
    .errors = end_push_secret_errors};

inline constexpr server::route_doc get_wss_url_doc{
    .description = "Addresses below `fleet.public_wss_base`, else below the first worker host.",
    .response_example = R"({"wss_url":"wss://media.example.com/ws/6b029aee2e5f75ee541227d1",
"exotel_url":"wss://media.example.com/exotel/6b029aee2e5f75ee541227d1"})",
    .errors = get_bot_errors};

inline constexpr server::route_doc get_variables_doc{
    .description = "Every `{{token}}` of the bot's texts once, with the places that use it.",
    .response_example = R"([{"token":"crm.FIRSTNAME","namespace":"crm","used_in":["/system_prompt",
"/opening_message"]}])",
    .errors = get_bot_errors};

inline constexpr server::route_error make_widget_key_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc make_widget_key_doc{
    .description = "Opens the web widget with a new key; a former one is refused from now on.",
    .response_example = R"({"widget_api_key":"wk_h3Mpj373xVCrR1Wy7wsLyBt1NdMEQG8X"})",
    .errors = make_widget_key_errors};

inline constexpr server::route_error end_widget_key_errors[] = {
    {404, "not_found", "Bot not found, or it has no widget key"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc end_widget_key_doc{
    .description = "Closes the web widget of the bot.",
    .response_example = server::deleted_example,
    .errors = end_widget_key_errors};

inline constexpr server::route_error enable_post_call_cache_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "bot_locked", "A running campaign uses the bot"},
    {409, "conflict", "The bot has no prompt for after the call"},
    {409, "version_conflict", "The bot changed twice while the members were merged"},
    {422, "invalid", "The prompts hold tokens of one customer"}};

inline constexpr server::route_doc enable_post_call_cache_doc{
    .description =
        "Counts as an edit of the bot. `ready` turns true when a call told that the "
        "provider read its cache.",
    .response_example =
        R"({"enabled":true,"version":"bb3ea005c29470d7","version_override":0,"ready":false,
"refreshed_at":null,"refreshed_by":null})",
    .errors = enable_post_call_cache_errors};

inline constexpr server::route_error disable_post_call_cache_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "bot_locked", "A running campaign uses the bot"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc disable_post_call_cache_doc{
    .description = "Counts as an edit of the bot.",
    .response_example = R"({"enabled":false,"version":"bb3ea005c29470d7","version_override":0,
"ready":false,"refreshed_at":null,"refreshed_by":null})",
    .errors = disable_post_call_cache_errors};

inline constexpr server::route_error refresh_post_call_cache_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "conflict", "The bot has no prompt for after the call"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc refresh_post_call_cache_doc{
    .description =
        "Raises `version_override`, so that providers forget what they hold; no edit of "
        "the bot.",
    .response_example = R"({"enabled":true,"version":"bb3ea005c29470d7-r1","version_override":1,
"ready":false,"refreshed_at":"2026-11-22T07:34:06.265Z",
"refreshed_by":"admin@example.com"})",
    .errors = refresh_post_call_cache_errors};

inline constexpr server::route_doc list_versions_doc{
    .description =
        "A page of the bot's versions. Paths are JSON Pointers; of many changes only the "
        "top members are named.",
    .response_example = R"({"items":[{"version":2,"changed_by":"admin@example.com",
"changed_at":"2026-11-22T07:34:49.310Z","note":"","changed_paths":[
"/description"]}],"total":1,"page":1,"limit":50})",
    .errors = get_bot_errors};

inline constexpr server::route_error get_version_errors[] = {
    {404, "not_found", "Bot not found, or it has no such version"}};

inline constexpr server::route_doc get_version_doc{
    .description = "The document of that version; ETag holds its number.",
    .response_example = bot_example,
    .errors = get_version_errors};

inline constexpr server::route_doc get_diff_doc{
    .description =
        "Changes of the content, member by member; what only the server writes is left "
        "out.",
    .response_example =
        R"([{"path":"/description","op":"replace","old":"","new":"Second version"}])",
    .errors = get_version_errors};

inline constexpr server::route_error restore_version_errors[] = {
    {404, "not_found", "Bot not found, or it has no such version"},
    {409, "bot_locked", "A running campaign uses the bot"},
    {409, "version_conflict", "The bot changed twice while the members were merged"}};

inline constexpr server::route_doc restore_version_doc{
    .description =
        "Writes a new version with the content of that one; if it is the same already, "
        "nothing changes.",
    .response_example = saved_bot_example,
    .errors = restore_version_errors};

inline constexpr server::route_error clone_bot_errors[] = {
    {404, "not_found", "Bot not found"},
    {409, "conflict", "All names that could be made for the copy are taken"}};

inline constexpr server::route_doc clone_bot_doc{
    .description =
        "Copies the content under the name that is sent, else `<name> (Copy)`. Widget "
        "key, signing secrets, states and versions are not copied.",
    .request_example = R"({"name":"Payment reminder 2"})",
    .response_example = saved_bot_example,
    .errors = clone_bot_errors,
    .body_may_be_absent = true};

}  // namespace cxb::api
