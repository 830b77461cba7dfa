#pragma once
/// @file
/// What the OpenAPI document tells of worker hosts:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view fleet_status_schema() {
    static std::string const text = server::object_schema(
        "fleet_status",
        "total_capacity integer, active_calls integer, available integer, workers @host[]",
        {{"host", server::object_schema(
                      "host",
                      "url string, status =healthy/unreachable, total_capacity integer, "
                      "total_available integer, worker_calls integer, workers object[], latency_ms "
                      "integer, holds integer, checked_at time, reason? string")}});
    return text;
}

inline constexpr server::route_doc fleet_status_doc{
    .description =
        "Asks every host of the list, or tells what was heard a moment ago. `holds` are "
        "slots that are reserved for calls being placed.",
    .response_example = R"({"total_capacity":20,"active_calls":3,"available":17,"workers":[{
"url":"https://worker-1.example.com","status":"healthy","total_capacity":20,
"total_available":17,"worker_calls":3,"workers":[{"id":"0","status":"healthy"}],
"latency_ms":4,"holds":1,"checked_at":"2026-11-22T07:34:06.265Z"}]})"};

}  // namespace cxb::api
