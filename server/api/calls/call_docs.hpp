#pragma once
/// @file
/// What the OpenAPI document tells of calls:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view listed_call_schema() {
    static std::string const text = server::object_schema(
        "listed_call",
        "id string, session_id string, status string, created_at time, bot_id? "
        "string|null, bot_name? string|null, campaign_id? string|null, disconnected_by? "
        "string|null, call_direction? string|null, call_type? string|null, caller_id? "
        "string|null, from_number? string|null, call_duration_seconds? number|null, "
        "disposition? string|null, was_transferred? boolean|null, is_test? boolean|null, "
        "has_recording? boolean|null, push_state? string|null, completed_at? time|null");
    return text;
}

[[nodiscard]] inline std::string_view call_schema() {
    static std::string const text = server::extended_schema(
        listed_call_schema(), "call",
        "rev integer, transcript? object[]|null, integration_log? object[], "
        "recording_url? string|null, public_recording_url? string");
    return text;
}

[[nodiscard]] inline std::string_view call_event_schema() {
    static std::string const text = server::object_schema(
        "call_event", "at string, source =api/core/crm, type string, status? string|integer");
    return text;
}

[[nodiscard]] inline std::string_view trace_row_schema() {
    static std::string const text = server::object_schema(
        "trace_row",
        "at string, seq integer, source string, name string, ms? number, data? object, "
        "error? string");
    return text;
}

[[nodiscard]] inline std::string_view redacted_schema() {
    static std::string const text =
        server::object_schema("redacted", "session_id string, redacted_at time");
    return text;
}

[[nodiscard]] inline std::string_view redact_body_schema() {
    static std::string const text = server::object_schema("redact_body", "reason string");
    return text;
}

inline constexpr std::string_view call_example = R"({"id":"6b029aee425fbf09ffbbdaee",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10","call_type":"bot",
"status":"completed","bot_id":"6b029aee2e5f75ee541227d1",
"bot_name":"Payment reminder","bot_version":3,
"config_version":"6a8bfb541fe2cea6","caller_id":"+919876543210",
"phone":"+919876543210","call_direction":"inbound","connected_event":{},
"crm_data":{"CUSTOMERID":"C9"},"skip_post_push":false,"is_test":false,
"was_transferred":false,"has_recording":true,
"recording_key":"2026/11/22/01a2022d-32b9-7149-85cc-40025582ba10.wav",
"push_state":"delivered","push_job":"6b029aee4db9a8c51ab80962",
"timezone":"Asia/Kolkata","call_duration_seconds":42.5,
"disconnected_by":"customer","transcript":[{"role":"assistant",
"content":"Hello"},{"role":"user","content":"Good morning"}],
"post_call_analysis":{"DISPOSITION":"PTP"},"disposition":"PTP","rev":7,
"created_at":"2026-11-22T07:34:06.265Z",
"completed_at":"2026-11-22T07:34:49.310Z",
"updated_at":"2026-11-22T07:34:49.310Z",
"public_recording_url":"https://cxb.example.com/api/v1/public/recordings/Vec5nY1d46b"})";

inline constexpr server::other_answer export_others[] = {
    {200, "With `format=ndjson`: the calls' documents, one a line", "application/x-ndjson"}};

inline constexpr server::route_error post_result_errors[] = {
    {503, "store_unavailable", "It is not stored; send it again"}};

inline constexpr server::route_doc post_result_doc{
    .description =
        "Takes what a worker has to say of a finished call. `result` tells what became of"
        " it: stored, updated, or duplicate. Pushes and webhooks that follow are written "
        "in the same transaction. Send it again after any answer but 200 and 4xx.",
    .request_example = R"({"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"bot_id":"6b029aee2e5f75ee541227d1","status":"completed",
"caller_id":"+919876543210","call_duration_seconds":42.5,
"disconnected_by":"customer","transcript":[{"role":"assistant",
"content":"Hello"},{"role":"user","content":"Good morning"}],
"post_call_analysis":{"DISPOSITION":"PTP","SUMMARY":"Will pay on Friday"}})",
    .response_example = R"({"status":"ok","session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"result":"stored"})",
    .errors = post_result_errors};

inline constexpr server::route_doc post_cdr_doc{
    .description =
        "Adds a dialler's record to the call with that `stream_id`; a record that comes "
        "before its call waits for it.",
    .request_example = R"({"streamId":"st-996741fd","talktime":"42","call_status":"ANSWER",
"recording_filename":"https://dialler.example.com/r/1.wav"})",
    .response_example = R"({"status":"ok","stream_id":"st-996741fd"})"};

inline constexpr server::route_doc list_calls_doc{
    .description = "A page of calls. All filters must fit. A key with bots sees their calls only.",
    .response_example = R"({"items":[{"id":"6b029aee425fbf09ffbbdaee",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"bot_id":"6b029aee2e5f75ee541227d1","bot_name":"Payment reminder",
"status":"completed","disconnected_by":"customer","call_direction":"inbound",
"call_type":"bot","caller_id":"+919876543210","call_duration_seconds":42.5,
"disposition":"PTP","was_transferred":false,"is_test":false,
"has_recording":true,"push_state":"delivered",
"created_at":"2026-11-22T07:34:06.265Z",
"completed_at":"2026-11-22T07:34:49.310Z"}],"total":1,"page":1,"limit":50})"};

inline constexpr server::route_error export_calls_errors[] = {
    {422, "invalid", "A parameter is wrong, or more calls fit than one export may hold"}};

inline constexpr server::route_doc export_calls_doc{
    .description =
        "All calls that fit the filters, streamed, up to a million; more need a narrower "
        "filter.",
    .response_example =
        "session_id,created_at,completed_at,bot_id,bot_name,campaign_id,call_direction,caller_id\n",
    .errors = export_calls_errors,
    .others = export_others};

inline constexpr server::route_error get_call_errors[] = {{404, "not_found", "Call not found"}};

inline constexpr server::route_doc get_call_doc{
    .description =
        "The whole document: what the config said, the result, and what became of pushes "
        "and recording.",
    .response_example = call_example,
    .errors = get_call_errors};

inline constexpr server::route_doc export_call_doc{
    .description = "The document of GET /calls/{id}, with a file name.",
    .response_example = call_example,
    .errors = get_call_errors};

inline constexpr server::route_doc get_events_doc{
    .description =
        "Events of the worker, requests to the CRM and changes of state in one list by "
        "time.",
    .response_example = R"([{"source":"api","type":"status","status":"active",
"at":"2026-11-22T07:34:06.265Z"},{"type":"call_connected","at_seconds":0.2,
"at":"2026-11-22T07:34:06.265Z","source":"core"},{"source":"api",
"type":"status","status":"completed","at":"2026-11-22T07:34:49.310Z"}])",
    .errors = get_call_errors};

inline constexpr server::route_doc get_trace_doc{
    .description =
        "What each process did for the call, in order; there are rows also of calls that "
        "were refused a config.",
    .response_example = R"([{"name":"config_request","data":{"bot_id":"6b029aee2e5f75ee541227d1",
"transport":""},"seq":0,"source":"api","at":"2026-11-22T07:34:06.265Z"},{
"name":"result","data":{"result":"stored","disconnected_by":"customer"},"seq":0,
"source":"api","at":"2026-11-22T07:34:49.310Z"}])",
    .errors = get_call_errors};

inline constexpr server::route_error redact_errors[] = {
    {404, "not_found", "Call not found"},
    {409, "call_active", "The call is not over yet"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc redact_doc{
    .description =
        "Removes numbers, names, texts and the recording for good and keeps what reports "
        "count. A call that is redacted already is left as it is.",
    .request_example = R"({"reason":"Asked for by the customer"})",
    .response_example = R"({"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"redacted_at":"2026-11-22T07:34:49.310Z"})",
    .errors = redact_errors};

}  // namespace cxb::api
