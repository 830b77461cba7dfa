#pragma once
/// @file
/// What the OpenAPI document tells of reports:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view call_counts_schema() {
    static std::string const text = server::object_schema(
        "call_counts",
        "calls @calls, connected integer, connect_rate number|null, avg_duration_seconds "
        "number|null, talk_seconds number, transferred integer, pushes @pushes",
        {{"calls",
          server::object_schema("calls",
                                "total integer, active integer, completed integer, failed integer, "
                                "voicemail integer, inbound integer, outbound integer")},
         {"pushes",
          server::object_schema("pushes", "queued integer, delivered integer, dead integer")}});
    return text;
}

[[nodiscard]] inline std::string_view overview_schema() {
    static std::string const text = server::extended_schema(
        call_counts_schema(), "overview", "range @range, fleet @fleet, previous @counts",
        {{"range", server::object_schema("range", "from time, to time, tz string")},
         {"fleet", server::object_schema(
                       "fleet", "total_capacity integer, active_calls integer, available integer")},
         {"counts", call_counts_schema()}});
    return text;
}

[[nodiscard]] inline std::string_view volume_schema() {
    static std::string const text = server::object_schema(
        "volume", "tz string, bucket =15m/hour/day, series @bucket[]",
        {{"bucket",
          server::object_schema("bucket",
                                "start time, total integer, completed integer, failed integer, "
                                "voicemail integer, connected integer, talk_seconds number")}});
    return text;
}

[[nodiscard]] inline std::string_view outcome_schema() {
    static std::string const text = server::object_schema(
        "outcome", "key string|null, count integer, share number|null, other? boolean");
    return text;
}

[[nodiscard]] inline std::string_view latency_schema() {
    static std::string const text = server::object_schema(
        "latency", "stt @stage, rag @stage, tool @stage, llm @stage, tts @stage, total @stage",
        {{"stage", server::object_schema("stage",
                                         "count integer, avg number|null, p50 integer|null, p90 "
                                         "integer|null, p95 integer|null, p99 integer|null")}});
    return text;
}

[[nodiscard]] inline std::string_view usage_schema() {
    static std::string const text = server::object_schema(
        "usage",
        "bot_id string|null, kind string|null, provider string|null, model string|null, "
        "requests integer, prompt_tokens integer, completion_tokens integer, "
        "cache_read_input_tokens integer, cache_creation_input_tokens integer, "
        "fresh_prompt_tokens integer, audio_seconds number, characters integer");
    return text;
}

inline constexpr server::route_doc overview_doc{
    .description =
        "Counts by whole quarters of an hour; `range` tells which were counted. Test "
        "calls and calls of agents are left out. `previous` holds the equal range before.",
    .response_example =
        R"({"range":{"from":"2026-11-15T07:45:00.000Z","to":"2026-11-22T07:45:00.000Z",
"tz":"UTC"},"calls":{"total":5,"active":3,"completed":2,"failed":0,
"voicemail":0,"inbound":4,"outbound":1},"connected":1,"connect_rate":50,
"avg_duration_seconds":42.5,"talk_seconds":42.5,"transferred":0,"pushes":{
"queued":0,"delivered":2,"dead":0},"fleet":{"total_capacity":20,
"active_calls":3,"available":17},"previous":{"calls":{"total":0,"active":0,
"completed":0,"failed":0,"voicemail":0,"inbound":0,"outbound":0},"connected":0,
"connect_rate":null,"avg_duration_seconds":null,"talk_seconds":0,
"transferred":0,"pushes":{"queued":0,"delivered":0,"dead":0}}})"};

inline constexpr server::route_doc volume_doc{
    .description = "One entry per bucket, empty ones too; days are those of the time zone.",
    .response_example = R"({"tz":"Asia/Kolkata","bucket":"day","series":[{
"start":"2026-11-21T18:30:00.000Z","total":5,"completed":2,"failed":0,
"voicemail":0,"connected":1,"talk_seconds":42.5}]})"};

inline constexpr server::route_doc outcomes_doc{
    .description =
        "Most frequent first; `share` in percent. The last row `other` stands for all "
        "beyond the limit.",
    .response_example =
        R"([{"key":"PTP","count":3,"share":75},{"key":null,"count":1,"share":25}])"};

inline constexpr server::route_doc latency_doc{
    .description = "Percentiles are upper bounds of buckets of 10 percent each.",
    .response_example =
        R"({"stt":{"count":0,"avg":null,"p50":null,"p90":null,"p95":null,"p99":null},
"rag":{"count":0,"avg":null,"p50":null,"p90":null,"p95":null,"p99":null},
"tool":{"count":0,"avg":null,"p50":null,"p90":null,"p95":null,"p99":null},
"llm":{"count":20,"avg":412.5,"p50":401,"p90":646,"p95":710,"p99":859},"tts":{
"count":0,"avg":null,"p50":null,"p90":null,"p95":null,"p99":null},"total":{
"count":20,"avg":412.5,"p50":401,"p90":646,"p95":710,"p99":859}})"};

inline constexpr server::route_doc usage_doc{
    .description =
        "Tokens, seconds and characters as the workers counted them, per bot, kind, "
        "provider and model.",
    .response_example = R"([{"bot_id":"6b029aee2e5f75ee541227d1","kind":"llm","provider":"openai",
"model":"gpt-4.1-mini","requests":4,"prompt_tokens":2100,
"completion_tokens":180,"cache_read_input_tokens":1024,
"cache_creation_input_tokens":0,"fresh_prompt_tokens":1076,"audio_seconds":0,
"characters":0}])"};

}  // namespace cxb::api
