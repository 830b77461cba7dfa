#include "cxb/domain/roles.hpp"

namespace cxb::inline v1 {
namespace domain {

int rank_of(user_role role) noexcept {
    return static_cast<int>(role) + 1;
}

std::optional<user_role> parse_role(std::string_view word) noexcept {
    return value_of<user_role>(word);
}

bool allows(role_guard guard, user_role role) noexcept {
    switch (guard) {
        case role_guard::require_agent_or_supervisor:
            return role <= user_role::supervisor;
        case role_guard::require_supervisor:
        case role_guard::require_agent_assist_manager:
            return role >= user_role::supervisor;
        case role_guard::require_admin:
            return role >= user_role::admin;
        case role_guard::require_super_admin:
            return role == user_role::super_admin;
        default:
            return true;
    }
}

result<void> check_guard(role_guard guard, user_role role) {
    if (!allows(guard, role)) return error{errc::forbidden, "Insufficient permissions"};
    return {};
}

result<void> check_assign_role(user_role actor, user_role assigned) {
    if (rank_of(actor) < rank_of(assigned))
        return error{errc::forbidden, "Cannot assign a role above your own"};
    return {};
}

result<void> check_user_change(user_rank const& actor, user_rank const& target,
                               user_change const& change, int active_super_admins) {
    if (actor.id == target.id) return error{errc::forbidden, "Use /auth/me for your own account"};
    if (actor.role != user_role::super_admin && rank_of(actor.role) <= rank_of(target.role))
        return error{errc::forbidden, "Insufficient rank"};
    if (change.new_role) CXB_CHECK(check_assign_role(actor.role, *change.new_role));
    bool const demotes = change.new_role && *change.new_role != user_role::super_admin;
    bool const removes = demotes || change.deactivates || change.deletes;
    bool const counts = target.role == user_role::super_admin && target.is_active;
    if (removes && counts && active_super_admins <= 1)
        return error{errc::conflict, "Cannot remove the last active super admin"};
    return {};
}

}  // namespace domain
}  // namespace cxb::inline v1
