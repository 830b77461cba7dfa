#pragma once
/// @file
/// What the OpenAPI document tells of calls that are placed:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view dialout_schema() {
    static std::string const text = server::object_schema(
        "dialout",
        "session_id string, dial_id string, bot_id string, to_number string, from_number?"
        " string, actor string, host? string, tries @try[], outcome "
        "=accepted/failed/unknown, at time, call_status string|null",
        {{"try", server::object_schema("try", "host string, status integer, ms integer")}});
    return text;
}

inline constexpr server::route_error dialing_errors[] = {
    {400, "malformed", "The request, or what the host said of it, cannot be read"},
    {404, "not_found", "Bot not found"},
    {429, "at_capacity", "All hosts that were asked are full"},
    {502, "upstream_failed", "No host could be reached, or it refused the core secret"},
    {503, "bot_inactive", "The bot is switched off"},
    {503, "outside_active_hours",
     "The bot is closed at this hour; next_open_at says when it opens"},
    {503, "unavailable", "No host is configured, none is healthy, or the store is away"},
    {504, "outcome_unknown", "A host may have placed the call: do not repeat it blindly"}};

inline constexpr server::route_doc post_dialout_doc{
    .description =
        "Chooses a worker host with a free slot and lets it ring the number. A call is "
        "never dialled twice on doubt. With an Idempotency-Key a repeat gets the first "
        "answer. Variables with reserved names are dropped and named in X-CXB-Ignored-"
        "Fields.",
    .request_example =
        R"({"bot_id":"6b029aee2e5f75ee541227d1","to_number":"+919876543210","variables":{
"CUSTOMERID":"C9"}})",
    .response_example =
        R"({"status":"accepted","call_id":"SCL_6aJ2kT9","room_name":"call-0432f5431189",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10"})",
    .errors = dialing_errors};

inline constexpr server::route_doc post_test_call_doc{
    .description =
        "As a dialout, marked as a test. The CRM is not told unless `skip_post_push` is "
        "false.",
    .request_example = R"({"to_number":"+919876543210","mock_crm":{"FIRSTNAME":"Ravi"},
"skip_prefetch":true})",
    .response_example =
        R"({"status":"accepted","call_id":"SCL_6aJ2kT9","room_name":"call-0432f5431189",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10"})",
    .errors = dialing_errors};

inline constexpr server::route_error get_dialout_errors[] = {
    {404, "not_found", "No such dialout, or another key placed it"}};

inline constexpr server::route_doc get_dialout_doc{
    .description =
        "The hosts that were tried and what came of it; `call_status` is that of the call"
        " once a worker has fetched its config.",
    .response_example = R"({"at":"2026-11-22T07:34:06.265Z",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"dial_id":"01a2022d-32f6-70a4-8015-bb8b27f460a8",
"bot_id":"6b029aee2e5f75ee541227d1","to_number":"+919876543210",
"actor":"api_key:6b029aee39935b8787ff2ba9",
"host":"https://worker-1.example.com","tries":[{
"host":"https://worker-1.example.com","status":200,"ms":43}],
"outcome":"accepted","call_status":"active"})",
    .errors = get_dialout_errors};

}  // namespace cxb::api
