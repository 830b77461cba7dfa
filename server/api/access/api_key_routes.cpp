#include "server/api/access/api_key_routes.hpp"

#include "server/api/access/access_docs.hpp"
#include "server/api/access/api_key_directory.hpp"
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

handler_result create_key(request_context& context) {
    CXB_CO_TRY(api_key_body body, parse_api_key_body(context.request.body));
    auto& api = context.service<api_services>();
    CXB_CO_TRY(made_key const made, co_await api.keys->create(std::move(body), context.caller.label,
                                                              audit_actor::of(context)));
    wire::json_object shown = shown_key(made.document);
    shown["key"] = made.text.reveal();
    co_return json_response(201, shown);
}

handler_result list_keys(request_context& context) {
    server::query_reader read(context.query);
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page,
               co_await server::fetch_list(
                   *api.store, server::model::api_keys, {}, asked, server::newest_first(),
                   [](wire::json_object const& document) { return shown_key(document); }));
    co_return json_response(200, std::move(page));
}

handler_result change_key(request_context& context) {
    CXB_CO_TRY(api_key_patch patch, parse_api_key_patch(context.request.body));
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const changed, co_await api.keys->change(context.param("id"), std::move(patch),
                                                             audit_actor::of(context)));
    co_return json_response(200, shown_key(changed));
}

handler_result delete_key(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_CHECK(co_await api.keys->remove(context.param("id"), audit_actor::of(context)));
    co_return server::deleted_response();
}

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/api-keys",
     .who = access::admin,
     .handler = &create_key,
     .summary = "Make an API key; its text is shown only here",
     .request_schema = &api_key_body_schema,
     .response_schema = &made_key_schema,
     .success = 201,
     .doc = create_key_doc},
    {.method = "GET",
     .pattern = "/api/v1/api-keys",
     .who = access::admin,
     .handler = &list_keys,
     .summary = "All API keys, without their texts",
     .response_schema = &server::page_schema<&key_schema>,
     .query = server::page_parameters,
     .doc = list_keys_doc},
    {.method = "PATCH",
     .pattern = "/api/v1/api-keys/{id}",
     .who = access::admin,
     .handler = &change_key,
     .summary = "Change name, state, expiry, scopes or bots of a key",
     .request_schema = &api_key_patch_schema,
     .response_schema = &key_schema,
     .doc = change_key_doc},
    {.method = "DELETE",
     .pattern = "/api/v1/api-keys/{id}",
     .who = access::admin,
     .handler = &delete_key,
     .summary = "End a key; it is refused from the next request on",
     .response_schema = &server::deleted_schema,
     .doc = delete_key_doc},
};

}  // namespace

std::span<server::route const> api_key_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
