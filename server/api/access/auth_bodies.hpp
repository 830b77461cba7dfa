#pragma once
/// @file
/// Bodies of `/auth`, `/users` and `/api-keys` (spec 20 §2.3–§2.5). Their tables give parser,
/// faults and schema.

#include <optional>
#include <string>
#include <vector>

#include "cxb/base/nullable.hpp"
#include "cxb/wire/field_table.hpp"

namespace cxb::api {

struct new_user;

struct login_body {
    std::string email;
    secret password;
};
struct register_body {
    std::string email;
    secret password;
    std::string name;
    std::string role = "agent";
    std::vector<std::string> agent_languages;
    std::string agent_primary_language;
    std::vector<std::string> agent_skills;
};
struct profile_body {
    std::string name;
};
struct password_body {
    secret current_password;
    secret new_password;
};
struct bootstrap_body {
    secret token;
    std::string email;
    secret password;
    std::string name = "Administrator";
};
/// Changes of another person; absent members stay.
struct user_patch {
    std::optional<std::string> name;
    std::optional<std::string> role;
    std::optional<bool> is_active;
    std::optional<std::vector<std::string>> agent_languages;
    std::optional<std::string> agent_primary_language;
    std::optional<std::vector<std::string>> agent_skills;
};
/// Absent: the other state than now.
struct active_body {
    std::optional<bool> is_active;
};
/// Absent: the server makes a password.
struct reset_body {
    std::optional<secret> new_password;
};
/// A new API key; `expires_at` without a zone is UTC.
struct api_key_body {
    std::string name;
    std::optional<std::string> expires_at;
    std::vector<std::string> scopes;
    std::vector<std::string> bot_ids;
    std::optional<int> rate_limit_per_second;
};
/// Changes of an API key; null `expires_at` = never.
struct api_key_patch {
    std::optional<std::string> name;
    std::optional<bool> is_active;
    nullable<std::string> expires_at;
    std::optional<std::vector<std::string>> scopes;
    std::optional<std::vector<std::string>> bot_ids;
    std::optional<int> rate_limit_per_second;
};

/// The new person that a body describes; not checked again.
[[nodiscard]] new_user person_of(register_body const& body);
[[nodiscard]] new_user person_of(bootstrap_body const& body);

CXB_WIRE_DECLARE(login_body);
CXB_WIRE_DECLARE(register_body);
CXB_WIRE_DECLARE(profile_body);
CXB_WIRE_DECLARE(password_body);
CXB_WIRE_DECLARE(bootstrap_body);
CXB_WIRE_DECLARE(user_patch);
CXB_WIRE_DECLARE(active_body);
CXB_WIRE_DECLARE(reset_body);
CXB_WIRE_DECLARE(api_key_body);
CXB_WIRE_DECLARE(api_key_patch);

}  // namespace cxb::api
