#pragma once
/// @file
/// What the OpenAPI document tells of health and metrics:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::server {

[[nodiscard]] inline std::string_view health_schema() {
    static std::string const text =
        object_schema("health", "status =ok, service string, version string");
    return text;
}

[[nodiscard]] inline std::string_view readiness_schema() {
    static std::string const text = object_schema(
        "readiness", "status =ready/degraded/not_ready, detail? string, checks object");
    return text;
}

inline constexpr other_answer ready_others[] = {
    {503, "Not ready: a check that is required fails, or the process starts or stops",
     "application/json", &readiness_schema}};

inline constexpr route_doc health_doc{
    .description = "Answers as long as the process serves at all; no other process is asked.",
    .response_example = R"({"status":"ok","service":"cxb-api","version":"1.0.0"})"};

inline constexpr route_doc ready_doc{
    .description =
        "Asks what the process depends on. `degraded`: something that can be done without"
        " fails.",
    .response_example =
        R"({"status":"ready","checks":{"store":{"ok":true,"latency_ms":2},"objects":{
"ok":true,"latency_ms":1},"loops":{"clean_up":{"ok":true,
"last_run_at":"2026-11-22T07:34:06.265Z"}}}})",
    .others = ready_others};

inline constexpr route_doc metrics_doc{
    .description = "All counters of the process in the text format of Prometheus.",
    .response_example = "cxb_calls_active 3\n"};

}  // namespace cxb::server
