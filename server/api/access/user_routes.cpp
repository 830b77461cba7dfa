#include "server/api/access/user_routes.hpp"

#include "server/api/access/access_docs.hpp"
#include "server/api/access/user_admin.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
namespace model = server::model;

user_admin& people_of(request_context& context) {
    return *context.service<api_services>().people;
}

handler_result list_users(request_context& context) {
    server::query_reader read(context.query);
    store::filter where;
    if (auto const role = read.word("role", {"agent", "supervisor", "admin", "super_admin"}))
        where.all.push_back(store::eq("role", wire::json_value(*role)));
    if (auto const active = read.boolean("is_active"))
        where.all.push_back(store::eq("is_active", *active));
    // Beginnings, so that an index finds them.
    if (auto const wanted = searched_name(read.text("q").value_or("")); !wanted.empty())
        where.any = {store::all_of({store::starts_with("email", wanted)}),
                     store::all_of({store::starts_with("name_lower", wanted)})};
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page,
               co_await server::fetch_list(
                   *api.store, model::users, std::move(where), asked, server::newest_first(),
                   [](wire::json_object const& user) { return shown_user(user); }));
    co_return json_response(200, std::move(page));
}

handler_result get_user(request_context& context) {
    CXB_CO_TRY(auto const user, co_await people_of(context).find(context.param("id")));
    co_return json_response(200, shown_user(user));
}

handler_result change_user(request_context& context) {
    CXB_CO_TRY(user_patch patch, parse_user_patch(context.request.body));
    CXB_CO_TRY(auto const user,
               co_await people_of(context).change(context.param("id"), std::move(patch),
                                                  acting_user::of(context)));
    co_return json_response(200, shown_user(user));
}

// A body may be left out.
std::string_view body_or_empty(request_context const& context) {
    return context.request.body.empty() ? std::string_view("{}") : context.request.body;
}

handler_result deactivate_user(request_context& context) {
    CXB_CO_TRY(active_body const body, parse_active_body(body_or_empty(context)));
    CXB_CO_TRY(auto const user, co_await people_of(context).set_active(
                                    context.param("id"), body.is_active, acting_user::of(context)));
    co_return json_response(200, shown_user(user));
}

handler_result reset_password(request_context& context) {
    CXB_CO_TRY(reset_body body, parse_reset_body(body_or_empty(context)));
    CXB_CO_TRY(auto const made,
               co_await people_of(context).reset_password(
                   context.param("id"), std::move(body.new_password), acting_user::of(context)));
    wire::json_object answer{{"status", "ok"}};
    if (made) answer["temporary_password"] = made->reveal();
    co_return json_response(200, answer);
}

handler_result delete_user(request_context& context) {
    CXB_CO_CHECK(co_await people_of(context).remove(context.param("id"), acting_user::of(context)));
    co_return server::deleted_response();
}

constexpr server::query_parameter list_parameters[] = {
    {"role", "agent, supervisor, admin, super_admin", "string", false, "agent"},
    {"is_active", "Active or inactive ones", "boolean", false, "true"},
    {"q", "Beginning of the email or the name, case ignored", "string", false, "asha"},
    server::page_parameters[0],
    server::page_parameters[1],
    server::page_parameters[2]};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/users",
     .who = access::admin,
     .handler = &list_users,
     .summary = "Users, newest first",
     .response_schema = &server::page_schema<&user_schema>,
     .query = list_parameters,
     .doc = list_users_doc},
    {.method = "GET",
     .pattern = "/api/v1/users/{id}",
     .who = access::admin,
     .handler = &get_user,
     .summary = "One user",
     .response_schema = &user_schema,
     .doc = get_user_doc},
    {.method = "PUT",
     .pattern = "/api/v1/users/{id}",
     .who = access::admin,
     .handler = &change_user,
     .summary = "Change a user; absent members stay",
     .request_schema = &user_patch_schema,
     .response_schema = &user_schema,
     .doc = change_user_doc},
    {.method = "POST",
     .pattern = "/api/v1/users/{id}/deactivate",
     .who = access::admin,
     .handler = &deactivate_user,
     .summary = "Deactivate a user, or activate again",
     .request_schema = &active_body_schema,
     .response_schema = &user_schema,
     .doc = deactivate_user_doc},
    {.method = "POST",
     .pattern = "/api/v1/users/{id}/reset-password",
     .who = access::admin,
     .handler = &reset_password,
     .summary = "Set another person's password; older tokens end",
     .request_schema = &reset_body_schema,
     .response_schema = &reset_password_schema,
     .doc = reset_password_doc},
    {.method = "DELETE",
     .pattern = "/api/v1/users/{id}",
     .who = access::super_admin,
     .handler = &delete_user,
     .summary = "Delete a user",
     .response_schema = &server::deleted_schema,
     .doc = delete_user_doc},
};

}  // namespace

std::span<server::route const> user_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
