#include "server/api/access/gate.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/domain/roles.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::principal;
using server::request_context;
using server::route;

// Open to someone who must change the password first: seeing and changing the own account.
constexpr std::string_view own_profile = "/api/v1/auth/me";
constexpr std::string_view own_password = "/api/v1/auth/me/password";

std::optional<domain::role_guard> guard_of(access who) noexcept {
    using domain::role_guard;
    switch (who) {
        case access::user:
            return role_guard::require_any_role;
        case access::api_key_or_admin:
        case access::admin:
            return role_guard::require_admin;
        case access::super_admin:
            return role_guard::require_super_admin;
        case access::agent_or_supervisor:
            return role_guard::require_agent_or_supervisor;
        case access::supervisor:
            return role_guard::require_supervisor;
        case access::agent_assist_manager:
            return role_guard::require_agent_assist_manager;
        default:
            return std::nullopt;
    }
}

bool is_own_account(route const& row) noexcept {
    return (row.pattern == own_profile && row.method == "GET") || row.pattern == own_password;
}

}  // namespace

std::string bearer_of(wire::http_request const& head) {
    constexpr std::string_view scheme = "bearer ";
    std::string_view const header = head.headers.get("Authorization");
    if (header.size() <= scheme.size() || !iequals(header.substr(0, scheme.size()), scheme))
        return {};
    return std::string(trim(header.substr(scheme.size())));
}

result<principal> check_role(access wanted, principal who, bool own_account) {
    if (who.must_change_password && !own_account)
        return error{errc::forbidden, "Change your password first"}.with_reason(
            "password_change_required");
    auto const guard = guard_of(wanted);
    auto const role = domain::parse_role(who.role);
    if (!guard || !role) return error{errc::forbidden, "Insufficient permissions"};
    CXB_CHECK(domain::check_guard(*guard, *role));
    return who;
}

store::async<principal> gate::by_token(wire::http_request const& head) {
    std::string token = bearer_of(head);
    if (token.empty()) co_return error{errc::unauthenticated, "Not authenticated"};
    co_return co_await users_.authenticate(std::move(token));
}

store::async<principal> gate::by_key_or_admin(route const& wanted, wire::http_request const& head) {
    if (head.headers.has("X-API-Key"))
        co_return co_await keys_.authenticate(std::string(head.headers.get("X-API-Key")),
                                              std::string(wanted.scope));
    if (bearer_of(head).empty()) co_return error{errc::unauthenticated, "Missing credentials"};
    CXB_CO_TRY(principal who, co_await by_token(head));
    co_return check_role(wanted.who, std::move(who), is_own_account(wanted));
}

boost::asio::awaitable<result<principal>> gate::authorise(route const& wanted,
                                                          wire::http_request const& head,
                                                          request_context const& context) {
    switch (wanted.who) {
        case access::public_:
        case access::signed_link:
        case access::core_secret:
        case access::loopback_or_core:
            co_return core_.judge(wanted.who, head.headers, context.loopback_client);
        case access::api_key_or_admin:
            co_return co_await by_key_or_admin(wanted, head);
        default:
            break;
    }
    CXB_CO_TRY(principal who, co_await by_token(head));
    co_return check_role(wanted.who, std::move(who), is_own_account(wanted));
}

}  // namespace cxb::api
