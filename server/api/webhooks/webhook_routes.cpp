#include "server/api/webhooks/webhook_routes.hpp"

#include "server/api/push/push_replay.hpp"
#include "server/api/services.hpp"
#include "server/api/webhooks/webhook_directory.hpp"
#include "server/api/webhooks/webhook_docs.hpp"
#include "server/api/webhooks/webhook_handler.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

webhook_directory& endpoints_of(request_context const& context) {
    return *context.service<api_services>().endpoints;
}

handler_result create_endpoint(request_context& context) {
    CXB_CO_TRY(webhook_body body, parse_webhook_body(context.request.body));
    CXB_CO_TRY(made_endpoint const made,
               co_await endpoints_of(context).create(std::move(body), context.caller.label,
                                                     audit_actor::of(context)));
    auto shown = shown_endpoint(made.document);
    shown["secret"] = made.signing.reveal();
    co_return json_response(201, shown);
}

handler_result list_endpoints(request_context& context) {
    server::query_reader read(context.query);
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page,
               co_await server::fetch_list(*api.store, server::model::webhook_endpoints, {}, asked,
                                           server::newest_first(), &shown_endpoint));
    co_return json_response(200, std::move(page));
}

handler_result show_endpoint(request_context& context) {
    CXB_CO_TRY(auto const found, co_await endpoints_of(context).find(context.param("id")));
    co_return json_response(200, shown_endpoint(found));
}

handler_result change_endpoint(request_context& context) {
    CXB_CO_TRY(webhook_patch patch, parse_webhook_patch(context.request.body));
    CXB_CO_TRY(auto const changed,
               co_await endpoints_of(context).change(context.param("id"), std::move(patch),
                                                     audit_actor::of(context)));
    co_return json_response(200, shown_endpoint(changed));
}

handler_result delete_endpoint(request_context& context) {
    CXB_CO_CHECK(
        co_await endpoints_of(context).remove(context.param("id"), audit_actor::of(context)));
    co_return server::deleted_response();
}

handler_result rotate_secret_of(request_context& context) {
    auto const overlap = context.service<api_services>().settings->push_rotation;
    CXB_CO_TRY(secret const fresh, co_await endpoints_of(context).rotate(
                                       context.param("id"), overlap, audit_actor::of(context)));
    co_return json_response(200, wire::json_object{{"secret", fresh.reveal()}});
}

handler_result test_endpoint(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const probe, co_await api.webhooks->probe(context.param("id")));
    wire::json_object out{{"status", probe.status}, {"ms", probe.took.count()}};
    if (!probe.error.empty()) out["error"] = probe.error;
    co_return json_response(200, out);
}

handler_result list_deliveries(request_context& context) {
    std::string const& id = context.param("id");
    server::query_reader read(context.query);
    store::filter where = store::all_of({store::eq("payload.endpoint_id", wire::json_value(id))});
    if (auto const state = read.word("state", server::job_state::all))
        where.all.push_back(store::eq("state", wire::json_value(*state)));
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    CXB_CO_CHECK(co_await endpoints_of(context).find(id));
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page, co_await server::fetch_list(*api.store, server::jobs, std::move(where),
                                                      asked, server::newest_first(), &shown_job));
    co_return json_response(200, std::move(page));
}

constexpr server::query_parameter delivery_parameters[] = {
    {"state", "queued, running, done, dead, cancelled", "string", false, "dead"},
    server::page_parameters[0],
    server::page_parameters[1],
    server::page_parameters[2]};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/webhook-endpoints",
     .who = access::super_admin,
     .handler = &create_endpoint,
     .summary = "Make a webhook endpoint; its signing secret is shown only here",
     .request_schema = &webhook_body_schema,
     .response_schema = &made_endpoint_schema,
     .success = 201,
     .doc = create_endpoint_doc},
    {.method = "GET",
     .pattern = "/api/v1/webhook-endpoints",
     .who = access::admin,
     .handler = &list_endpoints,
     .summary = "All webhook endpoints, without their secrets",
     .response_schema = &server::page_schema<&endpoint_schema>,
     .query = server::page_parameters,
     .doc = list_endpoints_doc},
    {.method = "GET",
     .pattern = "/api/v1/webhook-endpoints/{id}",
     .who = access::admin,
     .handler = &show_endpoint,
     .summary = "One webhook endpoint",
     .response_schema = &endpoint_schema,
     .doc = show_endpoint_doc},
    {.method = "PATCH",
     .pattern = "/api/v1/webhook-endpoints/{id}",
     .who = access::super_admin,
     .handler = &change_endpoint,
     .summary = "Change URL, types, state or description of an endpoint",
     .request_schema = &webhook_patch_schema,
     .response_schema = &endpoint_schema,
     .doc = change_endpoint_doc},
    {.method = "DELETE",
     .pattern = "/api/v1/webhook-endpoints/{id}",
     .who = access::super_admin,
     .handler = &delete_endpoint,
     .summary = "End an endpoint; what waits for it is not sent",
     .response_schema = &server::deleted_schema,
     .doc = delete_endpoint_doc},
    {.method = "POST",
     .pattern = "/api/v1/webhook-endpoints/{id}/rotate-secret",
     .who = access::super_admin,
     .handler = &rotate_secret_of,
     .summary = "A new signing secret, shown only here; the old one signs along for a while",
     .response_schema = &endpoint_secret_schema,
     .doc = rotate_secret_doc},
    {.method = "POST",
     .pattern = "/api/v1/webhook-endpoints/{id}/test",
     .who = access::super_admin,
     .handler = &test_endpoint,
     .summary = "Send webhook.test now and tell what was answered",
     .response_schema = &endpoint_test_schema,
     .doc = test_endpoint_doc},
    {.method = "GET",
     .pattern = "/api/v1/webhook-endpoints/{id}/deliveries",
     .who = access::admin,
     .handler = &list_deliveries,
     .summary = "What an endpoint was told, newest first, with all attempts",
     .response_schema = &server::page_schema<&job_schema>,
     .query = delivery_parameters,
     .doc = list_deliveries_doc},
};

}  // namespace

std::span<server::route const> webhook_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
