#pragma once
/// @file
/// What the OpenAPI document tells of system settings:
/// texts, examples, schemas of answers.

#include "server/api/settings/settings_document.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view settings_schema() {
    static std::string const text = server::extended_schema(
        settings_document_schema(), "settings",
        "api_keys known, providers known, minio known, agent_assist known, knowledge "
        "known, dialler known, display_timezone known, cxbcore_fleet known, "
        "voice_defaults known, retention known, core_fleet string[], version integer, "
        "updated_at time|null, updated_by string|null");
    return text;
}

[[nodiscard]] inline std::string_view display_schema() {
    static std::string const text = server::object_schema("display", "display_timezone string");
    return text;
}

inline constexpr std::string_view settings_example =
    R"({"api_keys":{"openai":"sk-1••••••abcd"},"providers":{},"minio":{
"endpoint":"localhost:9000","access_key":"","secret_key":"",
"bucket":"recordings","secure":false,"region":"","public_endpoint":""},
"agent_assist":{"enabled":false,"stt_provider":"","llm_provider":"openai",
"llm_model":"gpt-4.1-mini","system_prompt":"","suggestion_cooldown_seconds":15,
"max_context_messages":20,"listen_to":"customer","publish_transcript":true},
"knowledge":{"vectordb_url":"","vectordb_api_key":"",
"vectordb_collection":"cxb_knowledge_chunks",
"embedding_model":"gemini-embedding-001","embedding_dimensions":768,
"chunk_size_chars":1200,"chunk_overlap_chars":180,"max_upload_mb":20,
"tenant_id":"default","embedding_provider":"","ranking":"auto",
"query_prefix":"","document_prefix":""},"dialler":{"amd":{"enabled":false,
"total_analysis_ms":2000,"initial_silence_ms":2000,"greeting_ms":2000,
"max_words":4,"beep_detection_enabled":true,"action_on_machine":"teardown",
"action_on_unknown":"continue"}},"display_timezone":"UTC","cxbcore_fleet":[],
"voice_defaults":{},"retention":{"calls_days":0,"recordings_days":0,
"transcripts_days":0,"trace_days":30},"version":1,"updated_at":null,
"updated_by":null,"core_fleet":[]})";

inline constexpr server::route_doc get_settings_doc{
    .description = "The one document of the installation. Secrets show their ends only.",
    .response_example = settings_example};

inline constexpr server::route_doc get_display_doc{
    .description = "The part of the settings that everybody's screen needs.",
    .response_example = R"({"display_timezone":"Asia/Kolkata"})"};

inline constexpr server::route_error test_key_errors[] = {{404, "not_found", "No such provider"}};

inline constexpr server::route_doc test_key_doc{
    .description =
        "Asks the provider for something small, 10 s at most. `error` says in a word what"
        " was wrong; 200 also then.",
    .response_example = R"({"ok":false,"latency_ms":212,"error":"status_401"})",
    .errors = test_key_errors};

inline constexpr server::route_error put_block_errors[] = {
    {409, "conflict", "The settings keep changing, try again"}};

}  // namespace cxb::api
