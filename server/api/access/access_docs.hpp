#pragma once
/// @file
/// What the OpenAPI document tells of signing in, users and API keys:
/// texts, examples, schemas of answers.

#include "server/common/openapi/joined_text.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view user_schema() {
    static std::string const text = server::object_schema(
        "user",
        "id string, email string, name string, role =agent/supervisor/admin/super_admin, "
        "is_active boolean, agent_languages? string[], agent_primary_language? string, "
        "agent_skills? string[], must_change_password? boolean, created_at time, "
        "updated_at time, last_login_at? time|null");
    return text;
}

[[nodiscard]] inline std::string_view signed_in_schema() {
    static std::string const text = server::object_schema(
        "signed_in", "access_token string, token_type =bearer, expires_in integer, user @user",
        {{"user", user_schema()}});
    return text;
}

[[nodiscard]] inline std::string_view new_password_schema() {
    static std::string const text =
        server::object_schema("new_password", "status =ok, access_token string");
    return text;
}

[[nodiscard]] inline std::string_view reset_password_schema() {
    static std::string const text =
        server::object_schema("password_reset", "status =ok, temporary_password? string");
    return text;
}

[[nodiscard]] inline std::string_view bootstrap_state_schema() {
    static std::string const text = server::object_schema("bootstrap_state", "needed boolean");
    return text;
}

[[nodiscard]] inline std::string_view key_schema() {
    static std::string const text = server::object_schema(
        "api_key",
        "id string, name string, key_prefix string, is_active boolean, expires_at "
        "time|null, last_used_at time|null, created_by string, created_at time, "
        "updated_at time, scopes string[], bot_ids string[], rate_limit_per_second? "
        "integer");
    return text;
}

[[nodiscard]] inline std::string_view made_key_schema() {
    static std::string const text =
        server::extended_schema(key_schema(), "made_api_key", "key string");
    return text;
}

inline constexpr std::string_view user_example =
    R"({"id":"6b029aee2b501ba007b80e92","email":"asha@example.com","name":"Asha Rao",
"role":"agent","is_active":true,"agent_languages":["en"],
"agent_primary_language":"en","agent_skills":[],"must_change_password":false,
"created_at":"2026-11-22T07:34:06.265Z","updated_at":"2026-11-22T07:34:06.265Z",
"last_login_at":null})";
inline constexpr std::string_view first_admin_example =
    R"({"id":"6b029aee2b501ba007b80e92","email":"admin@example.com",
"name":"Administrator","role":"super_admin","is_active":true,"agent_languages":[
"en"],"agent_primary_language":"en","agent_skills":[],
"must_change_password":false,"created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z","last_login_at":null})";
inline constexpr std::string_view token_example =
    R"({"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhc2hhQGV4YW1wbGUuY29tIn0.c2ln",
"token_type":"bearer","expires_in":28800,"user":)";
inline constexpr std::string_view token_example_end = "}";

inline constexpr server::route_error login_errors[] = {
    {401, "unauthenticated", "Wrong email or password, or the account is inactive"},
    {429, "rate_limited", "Too many failed attempts, or too many requests; see Retry-After"},
    {503, "unavailable", "The store or the queue of password checks is busy; see Retry-After"}};

inline constexpr server::route_doc login_doc{
    .description =
        "Checks the password and gives a token for `Authorization: Bearer`. The email's "
        "case does not matter. After 5 failures for an email from one address, 20 for an "
        "email or 50 from an address within 15 minutes the password is not even looked "
        "at.",
    .request_example = R"({"email":"asha@example.com","password":"correct horse battery"})",
    .response_example = server::joined_text<token_example, user_example, token_example_end>,
    .errors = login_errors};

inline constexpr server::route_error register_user_errors[] = {
    {403, "forbidden", "The role may not do this, or the new role is above the own"},
    {409, "email_taken", "An account with this email exists"}};

inline constexpr server::route_doc register_user_doc{
    .description =
        "Makes an account. Nobody can give a role above the own one. Languages count for "
        "agents and supervisors only.",
    .request_example = R"({"email":"asha@example.com","password":"correct horse battery",
"name":"Asha Rao","role":"agent","agent_languages":["en","hi"],
"agent_primary_language":"hi"})",
    .response_example =
        R"({"id":"6b029aee2b501ba007b80e92","email":"asha@example.com","name":"Asha Rao",
"role":"agent","is_active":true,"agent_languages":["en","hi"],
"agent_primary_language":"hi","agent_skills":[],"must_change_password":false,
"created_at":"2026-11-22T07:34:06.265Z","updated_at":"2026-11-22T07:34:06.265Z",
"last_login_at":null})",
    .errors = register_user_errors};

inline constexpr server::route_doc get_me_doc{
    .description =
        "The account behind the token, as it is stored now; open also while the password "
        "must be changed.",
    .response_example = user_example};

inline constexpr server::route_error put_me_errors[] = {
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc put_me_doc{
    .description =
        "Changes the name under which others see the own account. Email and role are "
        "changed by nobody and by admins.",
    .request_example = R"({"name":"Asha Rao"})",
    .response_example = user_example,
    .errors = put_me_errors};

inline constexpr server::route_error put_password_errors[] = {
    {400, "wrong_password", "The current password is not right"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc put_password_doc{
    .description =
        "Takes a new password when the current one is right. All tokens of the account "
        "end; the answer holds a new one. Open also while the password must be changed, then "
        "for another one only.",
    .request_example = R"({"current_password":"correct horse battery",
"new_password":"another horse battery"})",
    .response_example = R"({"status":"ok",
"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhc2hhQGV4YW1wbGUuY29tIn0.c2ln"})",
    .errors = put_password_errors};

inline constexpr server::route_doc logout_all_doc{
    .description = "Ends every token of the own account, this one too.", .errors = put_me_errors};

inline constexpr server::route_doc bootstrap_state_doc{
    .description = "Tells whether an installation still waits for its first super_admin.",
    .response_example = R"({"needed":true})"};

inline constexpr server::route_error bootstrap_errors[] = {
    {403, "forbidden", "The token is wrong"},
    {409, "bootstrap_done", "The first super_admin exists already"}};

inline constexpr server::route_doc bootstrap_doc{
    .description =
        "Makes the first super_admin and signs in as this person. The token stands in the"
        " file bootstrap-token of the data directory, which goes with it.",
    .request_example = R"({"token":"q2Vd8hYwZ0sKJmP4xTnB7cRfGa1LuE5o","email":"admin@example.com",
"password":"correct horse battery","name":"Administrator"})",
    .response_example = server::joined_text<token_example, first_admin_example, token_example_end>,
    .errors = bootstrap_errors};

inline constexpr server::route_doc list_users_doc{
    .description = "A page of accounts, those made last first.",
    .response_example =
        server::joined_text<server::example_page_begin, user_example, server::example_page_end>};

inline constexpr server::route_error get_user_errors[] = {{404, "not_found", "User not found"}};

inline constexpr server::route_doc get_user_doc{
    .description = "One account; never its password's hash.",
    .response_example = user_example,
    .errors = get_user_errors};

inline constexpr server::route_error change_user_errors[] = {
    {403, "forbidden",
     "The own account, a person of the same or a higher rank, or a role above the own"},
    {404, "not_found", "User not found"},
    {409, "conflict",
     "It is the last active super_admin, or somebody else changed it at the same "
     "moment"}};

inline constexpr server::route_doc change_user_doc{
    .description =
        "Changes the members that are sent; the email never changes. One may change only "
        "people of a lower rank, a super_admin anybody but the own account, and give no "
        "role above the own.",
    .request_example = R"({"name":"Asha Rao","role":"supervisor"})",
    .response_example =
        R"({"id":"6b029aee2b501ba007b80e92","email":"asha@example.com","name":"Asha Rao",
"role":"supervisor","is_active":true,"agent_languages":["en"],
"agent_primary_language":"en","agent_skills":[],"must_change_password":false,
"created_at":"2026-11-22T07:34:06.265Z","updated_at":"2026-11-22T07:34:06.265Z",
"last_login_at":null})",
    .errors = change_user_errors};

inline constexpr server::route_doc deactivate_user_doc{
    .description =
        "Switches the account off, or on again; without a body to the other state than "
        "now. Tokens of an account that is switched off end at once. The rank rules are "
        "those of a change.",
    .request_example = R"({"is_active":false})",
    .response_example =
        R"({"id":"6b029aee2b501ba007b80e92","email":"asha@example.com","name":"Asha Rao",
"role":"agent","is_active":false,"agent_languages":["en"],
"agent_primary_language":"en","agent_skills":[],"must_change_password":false,
"created_at":"2026-11-22T07:34:06.265Z","updated_at":"2026-11-22T07:34:06.265Z",
"last_login_at":null})",
    .errors = change_user_errors,
    .body_may_be_absent = true};

inline constexpr server::route_error reset_password_errors[] = {
    {403, "forbidden",
     "The own account, a person of the same or a higher rank, or a role above the own"},
    {404, "not_found", "User not found"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc reset_password_doc{
    .description =
        "Sets the password that is sent, or makes one that is shown here once and must be"
        " changed at the first sign-in. All tokens of the account end. The rank rules are"
        " those of a change.",
    .request_example = R"({"new_password":"another horse battery"})",
    .response_example = R"({"status":"ok"})",
    .errors = reset_password_errors,
    .body_may_be_absent = true};

inline constexpr server::route_error delete_user_errors[] = {
    {403, "forbidden", "The role may not do this, or it is the own account"},
    {404, "not_found", "User not found"},
    {409, "conflict",
     "It is the last active super_admin, or somebody else changed it at the same "
     "moment"}};

inline constexpr server::route_doc delete_user_doc{
    .description =
        "Removes the account; its tokens end at once, what it did stays in the audit "
        "trail.",
    .response_example = server::deleted_example,
    .errors = delete_user_errors};

inline constexpr server::route_doc create_key_doc{
    .description =
        "Makes a key for a CRM or an integration. Its text `key` is shown here only: what"
        " is stored is a hash. Without scopes it may dial out; without bots it may use "
        "all.",
    .request_example = R"({"name":"CRM","scopes":["dialout","calls:read"],
"expires_at":"2027-01-01T00:00:00Z","rate_limit_per_second":20})",
    .response_example = R"({"id":"6b029aee39935b8787ff2ba9","name":"CRM","key_prefix":"vx_8ykg",
"is_active":true,"expires_at":"2027-01-01T00:00:00.000Z","last_used_at":null,
"created_by":"admin@example.com","created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z","scopes":["dialout","calls:read"],
"bot_ids":[],"rate_limit_per_second":20,
"key":"vx_8ykgfK1i1NY5188gahkyCoxRCrKVVZOG"})"};

inline constexpr server::route_doc list_keys_doc{
    .description = "A page of keys, those made last first.",
    .response_example =
        R"({"items":[{"id":"6b029aee39935b8787ff2ba9","name":"CRM","key_prefix":"vx_8ykg",
"is_active":true,"expires_at":"2027-01-01T00:00:00.000Z","last_used_at":null,
"created_by":"admin@example.com","created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z","scopes":["dialout","calls:read"],
"bot_ids":[],"rate_limit_per_second":20}],"total":1,"page":1,"limit":50})"};

inline constexpr server::route_error change_key_errors[] = {
    {400, "malformed", "The body cannot be read, or holds nothing to change"},
    {404, "not_found", "API key not found"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc change_key_doc{
    .description = "Changes the members that are sent. `expires_at` null: never.",
    .request_example = R"({"is_active":false})",
    .response_example = R"({"id":"6b029aee39935b8787ff2ba9","name":"CRM","key_prefix":"vx_8ykg",
"is_active":false,"expires_at":"2027-01-01T00:00:00.000Z","last_used_at":null,
"created_by":"admin@example.com","created_at":"2026-11-22T07:34:06.265Z",
"updated_at":"2026-11-22T07:34:06.265Z","scopes":["dialout","calls:read"],
"bot_ids":[],"rate_limit_per_second":20})",
    .errors = change_key_errors};

inline constexpr server::route_error delete_key_errors[] = {
    {404, "not_found", "API key not found"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc delete_key_doc{
    .description =
        "Ends the key: the next request with it is refused, by other processes within 2 "
        "s.",
    .response_example = server::deleted_example,
    .errors = delete_key_errors};

}  // namespace cxb::api
