#pragma once
/// @file
/// What the OpenAPI document tells of the audit trail:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view audit_row_schema() {
    static std::string const text = server::object_schema(
        "audit_row",
        "seq integer, at time, actor @actor, action string, target @target, changes "
        "@change[], request_id string, ip string, user_agent string, prev_hash string, "
        "hash string",
        {{"actor", server::object_schema(
                       "actor", "type =user/api_key/command/system, id string, label string")},
         {"target", server::object_schema("target", "type string, id string, label string")},
         {"change", server::object_schema("change", "path string, old any, new any")}});
    return text;
}

[[nodiscard]] inline std::string_view chain_schema() {
    static std::string const text = server::object_schema(
        "audit_chain", "ok boolean, checked integer, first_bad_seq integer|null, next? integer");
    return text;
}

inline constexpr server::route_doc list_audit_doc{
    .description = "A page of rows. Admins do not see what was done to settings and carriers.",
    .response_example =
        R"({"items":[{"seq":38,"at":"2026-11-22T07:34:06.265Z","actor":{"type":"user",
"id":"6b029aee2b501ba007b80e92","label":"admin@example.com"},
"action":"bot.update","target":{"type":"bot","id":"6b029aee2e5f75ee541227d1",
"label":"Payment reminder"},"changes":[{"path":"description","old":"",
"new":"Second version"}],"request_id":"01a2022d-360e-7049-8733-b7910910d74f",
"ip":"203.0.113.7","user_agent":"cxb/1.0.0",
"prev_hash":"3dbe5fcbd12acd63e99de15affabcbe2f6fd9ad38a772d200e3c9ff19cb406d1",
"hash":"77fbd95a7120aa5e156c0b80531a8243a5b7242cf317d26be8609591dd21812b"}],
"total":1,"page":1,"limit":50})"};

inline constexpr server::route_doc verify_audit_doc{
    .description =
        "Reads the rows and compares their hashes. `first_bad_seq` is the first row that "
        "is wrong or missing. `next` is there when half of the time was up: go on with it"
        " as `from`.",
    .response_example = R"({"ok":true,"checked":38,"first_bad_seq":null})"};

inline constexpr server::route_doc export_audit_doc{
    .description = "Streams the rows as they were hashed, so that others can check the chain.",
    .response_example =
        "{\"seq\":1,\"at\":\"2026-11-22T07:39:15.544Z\",\"action\":\"bootstrap\"}\n"};

}  // namespace cxb::api
