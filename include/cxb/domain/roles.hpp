#pragma once
/// @file
/// Who may do what: roles, the guards of routes, and the rank rules for changing other people
/// (spec 20 §2.1, §2.3).
///
/// | role        | rank | admin routes | super routes | desk seat |
/// |-------------|------|--------------|--------------|-----------|
/// | agent       | 1    |              |              | yes       |
/// | supervisor  | 2    |              |              | yes       |
/// | admin       | 3    | yes          |              |           |
/// | super_admin | 4    | yes          | yes          |           |
///
/// Failures: `forbidden` or `conflict` with the texts of the specification.
/// Thread-safety: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/open_enum.hpp"
#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

enum class user_role { agent, supervisor, admin, super_admin };

}  // namespace domain

template <>
struct enum_words<domain::user_role> {
    static constexpr std::pair<domain::user_role, std::string_view> words[] = {
        {domain::user_role::agent, "agent"},
        {domain::user_role::supervisor, "supervisor"},
        {domain::user_role::admin, "admin"},
        {domain::user_role::super_admin, "super_admin"}};
};

namespace domain {

/// Higher outranks lower; 1–4.
[[nodiscard]] int rank_of(user_role role) noexcept;

/// The role of a stored or sent word; empty for any other.
[[nodiscard]] std::optional<user_role> parse_role(std::string_view word) noexcept;

/// Guards over roles, named as in the specification.
enum class role_guard {
    require_any_role,
    require_agent_or_supervisor,   ///< exactly these two
    require_supervisor,            ///< supervisor and above
    require_agent_assist_manager,  ///< supervisor and above
    require_admin,                 ///< admin and super_admin
    require_super_admin,           ///< exactly super_admin
};

[[nodiscard]] bool allows(role_guard guard, user_role role) noexcept;
/// `forbidden`, `Insufficient permissions`, unless the guard allows the role.
[[nodiscard]] result<void> check_guard(role_guard guard, user_role role);

/// Someone who acts or is acted upon.
struct user_rank {
    std::string id;
    user_role role = user_role::agent;
    bool is_active = true;
};

/// What is about to happen to a user.
struct user_change {
    std::optional<user_role> new_role;
    bool deactivates = false;
    bool deletes = false;
};

/// `actor_rank >= new_rank`, else `forbidden` `Cannot assign a role above your own`. The whole
/// check for creating a user.
[[nodiscard]] result<void> check_assign_role(user_role actor, user_role assigned);

/// The rank rules in their order:
/// 1. on oneself: `forbidden` `Use /auth/me for your own account`;
/// 2. actor must outrank the target, but super_admin may act on any other: `forbidden`
///    `Insufficient rank`;
/// 3. `check_assign_role`;
/// 4. the last active super_admin cannot be demoted, deactivated or deleted: `conflict`
///    `Cannot remove the last active super admin`. `active_super_admins` counts all of them,
///    the target included, as read inside the transaction that changes it.
[[nodiscard]] result<void> check_user_change(user_rank const& actor, user_rank const& target,
                                             user_change const& change, int active_super_admins);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
