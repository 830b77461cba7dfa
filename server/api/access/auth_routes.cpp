#include "server/api/access/auth_routes.hpp"

#include "server/api/access/access_docs.hpp"
#include "server/api/access/auth_bodies.hpp"
#include "server/api/access/bootstrap.hpp"
#include "server/api/access/user_directory.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

api_services& services_of(request_context& context) {
    return context.service<api_services>();
}

result<wire::http_response> signed_in(api_services& api, wire::json_object const& user,
                                      int status) {
    CXB_TRY(issued_token const token, api.users->issue(user));
    auto answer = json_response(status, wire::json_object{{"access_token", token.text},
                                                          {"token_type", "bearer"},
                                                          {"expires_in", token.expires_in.count()},
                                                          {"user", shown_user(user)}});
    answer.headers.set("Cache-Control", "no-store");
    return answer;
}

handler_result login(request_context& context) {
    CXB_CO_TRY(login_body body, parse_login_body(context.request.body));
    auto& api = services_of(context);
    CXB_CO_TRY(auto const user,
               co_await api.users->login({body.email, body.password, context.client_address},
                                         audit_actor::of(context)));
    co_return signed_in(api, user, 200);
}

handler_result register_user(request_context& context) {
    CXB_CO_TRY(register_body body, parse_register_body(context.request.body));
    auto& api = services_of(context);
    CXB_CO_TRY(auto const created, co_await api.users->create(person_of(body), context.caller.role,
                                                              audit_actor::of(context)));
    co_return json_response(201, shown_user(created));
}

handler_result get_me(request_context& context) {
    CXB_CO_TRY(auto const user, co_await services_of(context).users->find(context.caller.label));
    if (!user) co_return error{errc::unauthenticated, "User not found or inactive"};
    co_return json_response(200, shown_user(*user));
}

handler_result put_me(request_context& context) {
    CXB_CO_TRY(profile_body body, parse_profile_body(context.request.body));
    CXB_CO_TRY(auto const user, co_await services_of(context).users->rename(
                                    context.caller.label, body.name, audit_actor::of(context)));
    co_return json_response(200, shown_user(user));
}

handler_result put_password(request_context& context) {
    CXB_CO_TRY(password_body body, parse_password_body(context.request.body));
    auto& api = services_of(context);
    CXB_CO_TRY(auto const user,
               co_await api.users->change_password(context.caller.label, body.current_password,
                                                   body.new_password, audit_actor::of(context)));
    CXB_CO_TRY(issued_token const token, api.users->issue(user));
    co_return json_response(200, wire::json_object{{"status", "ok"}, {"access_token", token.text}});
}

handler_result logout_all(request_context& context) {
    CXB_CO_CHECK(co_await services_of(context).users->end_all_sessions(context.caller.label,
                                                                       audit_actor::of(context)));
    co_return server::no_content();
}

handler_result bootstrap_state(request_context& context) {
    CXB_CO_TRY(bool const needed, co_await services_of(context).users->bootstrap_needed());
    co_return json_response(200, wire::json_object{{"needed", needed}});
}

handler_result bootstrap(request_context& context) {
    CXB_CO_TRY(bootstrap_body body, parse_bootstrap_body(context.request.body));
    auto& api = services_of(context);
    if (auto good = check_bootstrap_token(api.data_dir, body.token); !good) {
        // The file goes with the first admin: then it is too late, not a wrong token.
        CXB_CO_TRY(bool const needed, co_await api.users->bootstrap_needed());
        if (needed) co_return good.error();
        co_return error{errc::conflict, "The first admin exists already"}.with_reason(
            "bootstrap_done");
    }
    auto const user = co_await api.users->bootstrap(person_of(body), audit_actor::of(context));
    if (user || user.error().reason() == "bootstrap_done") remove_bootstrap_token(api.data_dir);
    CXB_CO_CHECK(user);
    co_return signed_in(api, *user, 201);
}

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/auth/login",
     .who = access::public_,
     .handler = &login,
     .summary = "Sign in with email and password",
     .request_schema = &login_body_schema,
     .response_schema = &signed_in_schema,
     .doc = login_doc},
    {.method = "POST",
     .pattern = "/api/v1/auth/register",
     .who = access::admin,
     .handler = &register_user,
     .summary = "Create a user",
     .request_schema = &register_body_schema,
     .response_schema = &user_schema,
     .success = 201,
     .doc = register_user_doc},
    {.method = "GET",
     .pattern = "/api/v1/auth/me",
     .who = access::user,
     .handler = &get_me,
     .summary = "The own profile",
     .response_schema = &user_schema,
     .doc = get_me_doc},
    {.method = "PUT",
     .pattern = "/api/v1/auth/me",
     .who = access::user,
     .handler = &put_me,
     .summary = "Change the own name",
     .request_schema = &profile_body_schema,
     .response_schema = &user_schema,
     .doc = put_me_doc},
    {.method = "PUT",
     .pattern = "/api/v1/auth/me/password",
     .who = access::user,
     .handler = &put_password,
     .summary = "Change the own password; older tokens end",
     .request_schema = &password_body_schema,
     .response_schema = &new_password_schema,
     .doc = put_password_doc},
    {.method = "POST",
     .pattern = "/api/v1/auth/logout-all",
     .who = access::user,
     .handler = &logout_all,
     .summary = "End all sessions of the own account",
     .success = 204,
     .doc = logout_all_doc},
    {.method = "GET",
     .pattern = "/api/v1/auth/bootstrap",
     .who = access::public_,
     .handler = &bootstrap_state,
     .summary = "Is the first admin still to be made?",
     .response_schema = &bootstrap_state_schema,
     .doc = bootstrap_state_doc},
    {.method = "POST",
     .pattern = "/api/v1/auth/bootstrap",
     .who = access::public_,
     .handler = &bootstrap,
     .summary = "Create the first super admin with the token of the data directory",
     .request_schema = &bootstrap_body_schema,
     .response_schema = &signed_in_schema,
     .success = 201,
     .doc = bootstrap_doc},
};

}  // namespace

std::span<server::route const> auth_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
