#pragma once
/// @file
/// What the OpenAPI document tells of jobs and the state of the processes:
/// texts, examples, schemas of answers.

#include "server/common/openapi/joined_text.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view job_schema() {
    static std::string const text = server::object_schema(
        "job",
        "id string, kind string, key string, session_id? string, bot_id? string, state "
        "=queued/running/done/dead/cancelled, run_at time, attempts integer, max_attempts"
        " integer, fence integer, lease_owner? string|null, lease_until? time|null, "
        "stamped_at? time, payload? object, frozen_request? object, history @attempt[], "
        "last_error? string|null, created_at time, done_at? time|null",
        {{"attempt", server::object_schema(
                         "attempt", "at time, status? integer, ms? integer, error? string")}});
    return text;
}

[[nodiscard]] inline std::string_view queued_jobs_schema() {
    static std::string const text = server::object_schema("queued_jobs", "queued integer");
    return text;
}

[[nodiscard]] inline std::string_view ops_status_schema() {
    static std::string const text = server::object_schema(
        "ops_status",
        "version string, started_at time, loops @loop[], jobs object, store @store, fleet"
        " @fleet",
        {{"loop",
          server::object_schema(
              "loop",
              "name string, owner string|null, last_run time|null, last_error string|null")},
         {"store",
          server::object_schema("store", "ok boolean, latency_ms? integer, detail? string")},
         {"fleet",
          server::object_schema(
              "fleet",
              "hosts integer, total_capacity integer, active_calls integer, available integer")}});
    return text;
}

inline constexpr std::string_view job_example =
    R"({"id":"6b029aee4db9a8c51ab80962","kind":"crm_push",
"key":"push:01a2022d-32b9-7149-85cc-40025582ba10:1",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"bot_id":"6b029aee2e5f75ee541227d1","state":"dead",
"run_at":"2026-11-22T07:34:06.265Z","stamped_at":"2026-11-22T07:34:49.310Z",
"attempts":1,"max_attempts":10,"fence":1,"payload":{
"base":"https://cxb.example.com","call_rev":4,"mode":"result"},"history":[{
"at":"2026-11-22T07:34:49.310Z","status":422,"ms":19,"error":"status_422"}],
"created_at":"2026-11-22T07:34:06.265Z","frozen_request":{
"webhook_id":"msg_01m812tcqms9netctxrj6r1t9e","method":"POST",
"url":"https://crm.example.com/calls"},"last_error":"status_422",
"done_at":"2026-11-22T07:34:49.310Z"})";

inline constexpr server::route_doc list_jobs_doc{
    .description = "A page of jobs, without the bodies and headers of their requests.",
    .response_example =
        server::joined_text<server::example_page_begin, job_example, server::example_page_end>};

inline constexpr server::route_error retry_job_errors[] = {
    {404, "not_found", "Job not found"}, {409, "conflict", "The job is not dead"}};

inline constexpr server::route_doc retry_job_doc{
    .description = "The job runs at once, with all its attempts before it.",
    .response_example = server::done_example,
    .errors = retry_job_errors};

inline constexpr server::route_error cancel_job_errors[] = {
    {404, "not_found", "Job not found"}, {409, "conflict", "The job has ended already"}};

inline constexpr server::route_doc cancel_job_doc{
    .description = "A job that is under way is not taken up again.",
    .response_example = server::done_example,
    .errors = cancel_job_errors};

inline constexpr server::route_error retry_dead_errors[] = {
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc retry_dead_doc{
    .description =
        "Takes dead jobs made in `from` <= t < `to`, oldest first. One that dies again "
        "meanwhile is not taken twice.",
    .request_example =
        R"({"kind":"crm_push","from":"2026-11-22T00:00:00Z","to":"2026-11-23T00:00:00Z",
"bot_id":"6b029aee2e5f75ee541227d1"})",
    .response_example = R"({"queued":17})",
    .errors = retry_dead_errors};

inline constexpr server::route_doc status_doc{
    .description =
        "What one asks first when something does not move. `owner` is the process that "
        "holds a loop.",
    .response_example = R"({"version":"1.0.0","started_at":"2026-11-22T07:34:06.265Z","loops":[{
"name":"clean_up","owner":"01a2022d-2b78-7094-857a-a128aaf477d4",
"last_run":"2026-11-22T07:34:49.310Z","last_error":null}],"jobs":{"crm_push":{
"queued":2,"dead":1}},"store":{"ok":true,"latency_ms":2},"fleet":{
"total_capacity":20,"active_calls":3,"available":17,"hosts":1}})"};

}  // namespace cxb::api
