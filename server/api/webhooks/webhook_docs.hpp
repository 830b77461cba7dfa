#pragma once
/// @file
/// What the OpenAPI document tells of webhook endpoints:
/// texts, examples, schemas of answers.

#include "server/api/jobs/job_docs.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view endpoint_schema() {
    static std::string const text = server::object_schema(
        "webhook_endpoint",
        "id string, url string, types string[], is_active boolean, description string, "
        "created_by string, created_at time, updated_at time, failing_since? time|null, "
        "disabled_reason? string|null, signing_old_until? time|null");
    return text;
}

[[nodiscard]] inline std::string_view made_endpoint_schema() {
    static std::string const text =
        server::extended_schema(endpoint_schema(), "made_webhook_endpoint", "secret string");
    return text;
}

[[nodiscard]] inline std::string_view endpoint_secret_schema() {
    static std::string const text = server::object_schema("endpoint_secret", "secret string");
    return text;
}

[[nodiscard]] inline std::string_view endpoint_test_schema() {
    static std::string const text =
        server::object_schema("endpoint_test", "status integer, ms integer, error? string");
    return text;
}

inline constexpr server::route_error create_endpoint_errors[] = {
    {409, "too_many_endpoints", "There are 50 already"}};

inline constexpr server::route_doc create_endpoint_doc{
    .description =
        "Tells a URL what happens, from now on. Without types it is told everything. "
        "Deliveries are signed with `secret`.",
    .request_example = R"({"url":"https://crm.example.com/hooks","types":["call.completed"],
"description":"CRM"})",
    .response_example =
        R"({"id":"6b029aef2704d3d2f511f39f","url":"https://crm.example.com/hooks","types":[
"call.completed"],"is_active":true,"description":"CRM",
"created_by":"admin@example.com","created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z",
"secret":"whsec_6DVmJysA+qJKSkvyIO78FivQK9kzCb6ai5qhQewFvkw="})",
    .errors = create_endpoint_errors};

inline constexpr server::route_doc list_endpoints_doc{
    .description = "A page of endpoints, those made last first.",
    .response_example = R"({"items":[{"id":"6b029aef2704d3d2f511f39f",
"url":"https://crm.example.com/hooks","types":["call.completed"],
"is_active":true,"description":"CRM","created_by":"admin@example.com",
"created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z"}],"total":1,"page":1,"limit":50})"};

inline constexpr server::route_error show_endpoint_errors[] = {
    {404, "not_found", "Webhook endpoint not found"}};

inline constexpr server::route_doc show_endpoint_doc{
    .description = "With how long it has been failing, and why it was switched off.",
    .response_example =
        R"({"id":"6b029aef2704d3d2f511f39f","url":"https://crm.example.com/hooks","types":[
"call.completed"],"is_active":true,"description":"CRM",
"created_by":"admin@example.com","created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z"})",
    .errors = show_endpoint_errors};

inline constexpr server::route_error change_endpoint_errors[] = {
    {400, "malformed", "The body cannot be read, or holds nothing to change"},
    {404, "not_found", "Webhook endpoint not found"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc change_endpoint_doc{
    .description =
        "Changes the members that are sent. Switching it on, or another URL, forgets its "
        "failures.",
    .request_example = R"({"is_active":true})",
    .response_example =
        R"({"id":"6b029aef2704d3d2f511f39f","url":"https://crm.example.com/hooks","types":[
"call.completed"],"is_active":true,"description":"CRM",
"created_by":"admin@example.com","created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z"})",
    .errors = change_endpoint_errors};

inline constexpr server::route_error delete_endpoint_errors[] = {
    {404, "not_found", "Webhook endpoint not found"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc delete_endpoint_doc{
    .description = "Removes it; jobs that wait for it end dead with `endpoint_gone`.",
    .response_example = server::deleted_example,
    .errors = delete_endpoint_errors};

inline constexpr server::route_doc rotate_secret_doc{
    .description = "The old secret signs along for `push.rotation_hours`.",
    .response_example = R"({"secret":"whsec_6DVmJysA+qJKSkvyIO78FivQK9kzCb6ai5qhQewFvkw="})",
    .errors = delete_endpoint_errors};

inline constexpr server::route_error test_endpoint_errors[] = {
    {404, "not_found", "Webhook endpoint not found"},
    {503, "unavailable", "Its host is busy or paused, or the store is away; see Retry-After"}};

inline constexpr server::route_doc test_endpoint_doc{
    .description =
        "One attempt, also while the endpoint is off; nothing is written. `status` 0: "
        "nobody answered.",
    .response_example = R"({"status":200,"ms":84})",
    .errors = test_endpoint_errors};

inline constexpr server::route_doc list_deliveries_doc{
    .description = "A page of the jobs that told it something, without bodies and headers.",
    .response_example = R"({"items":[{"id":"6b029aef0e7117a575635afb","kind":"webhook",
"key":"wh:6b029aef2704d3d2f511f39f:call.completed:01a2022d-32b9-7149-85cc-40025582ba10:1",
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"bot_id":"6b029aee2e5f75ee541227d1","state":"done",
"run_at":"2026-11-22T07:34:06.265Z","stamped_at":"2026-11-22T07:34:49.310Z",
"attempts":1,"max_attempts":10,"fence":1,"payload":{
"endpoint_id":"6b029aef2704d3d2f511f39f","type":"call.completed","data":{
"session_id":"01a2022d-32b9-7149-85cc-40025582ba10","status":"completed"}},
"history":[{"at":"2026-11-22T07:34:49.310Z","status":200,"ms":84}],
"created_at":"2026-11-22T07:34:06.265Z","frozen_request":{
"webhook_id":"msg_01m812tdeyt8mj23nnzvhhb2rb","method":"POST",
"url":"https://crm.example.com/hooks"},"done_at":"2026-11-22T07:34:49.310Z"}],
"total":1,"page":1,"limit":50})",
    .errors = show_endpoint_errors};

}  // namespace cxb::api
