#include "server/api/carriers/carrier_routes.hpp"

#include "server/api/carriers/carrier_directory.hpp"
#include "server/api/carriers/carrier_limits.hpp"
#include "server/api/carriers/carrier_sync.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
using wire::json_object;

carrier_directory& carriers_of(request_context const& context) {
    return *context.service<api_services>().carriers;
}

// What was written stands, also when LiveKit does not follow in time.
handler_result answer_with(request_context& context, int status, json_object written) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const now,
               co_await api.trunks->settled(std::string(wire::text_at(written, "_id")),
                                            wire::int_at(written, "version")));
    co_return json_response(status, shown_carrier(now ? *now : written));
}

handler_result list_carriers(request_context& context) {
    server::query_reader read(context.query);
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto page,
               co_await server::fetch_list(*api.store, server::model::carriers, {}, asked,
                                           server::newest_first(), &shown_carrier));
    co_return json_response(200, std::move(page));
}

handler_result show_carrier(request_context& context) {
    CXB_CO_TRY(auto const found, co_await carriers_of(context).find(context.param("id")));
    co_return json_response(200, shown_carrier(found));
}

handler_result create_carrier(request_context& context) {
    CXB_CO_TRY(auto sent, context.object_body());
    CXB_CO_TRY(auto made, co_await carriers_of(context).create(
                              std::move(sent), context.caller.label, audit_actor::of(context)));
    co_return co_await answer_with(context, 201, std::move(made));
}

handler_result change_carrier(request_context& context) {
    CXB_CO_TRY(auto sent, context.object_body());
    CXB_CO_TRY(auto changed, co_await carriers_of(context).change(
                                 context.param("id"), std::move(sent), audit_actor::of(context)));
    co_return co_await answer_with(context, 200, std::move(changed));
}

handler_result delete_carrier(request_context& context) {
    CXB_CO_CHECK(
        co_await carriers_of(context).remove(context.param("id"), audit_actor::of(context)));
    co_return server::deleted_response();
}

handler_result add_did(request_context& context) {
    CXB_CO_TRY(auto sent, context.object_body());
    CXB_CO_TRY(auto changed, co_await carriers_of(context).add_did(
                                 context.param("id"), std::move(sent), audit_actor::of(context)));
    co_return co_await answer_with(context, 201, std::move(changed));
}

handler_result change_did(request_context& context) {
    CXB_CO_TRY(auto sent, context.object_body());
    CXB_CO_TRY(auto changed, co_await carriers_of(context).change_did(
                                 context.param("id"), context.param("did_id"), std::move(sent),
                                 audit_actor::of(context)));
    co_return co_await answer_with(context, 200, std::move(changed));
}

handler_result delete_did(request_context& context) {
    CXB_CO_TRY(auto const changed,
               co_await carriers_of(context).remove_did(
                   context.param("id"), context.param("did_id"), audit_actor::of(context)));
    auto& api = context.service<api_services>();
    CXB_CO_CHECK(co_await api.trunks->settled(std::string(wire::text_at(changed, "_id")),
                                              wire::int_at(changed, "version")));
    co_return server::deleted_response();
}

handler_result sync_carrier(request_context& context) {
    std::string const& id = context.param("id");
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const carrier, co_await carriers_of(context).find(id));
    if (!api.trunks->configured()) co_return error{errc::unavailable, "LiveKit not configured"};
    audited_write what;
    what.entry = {"carrier.sync", "carrier", id, std::string(wire::text_at(carrier, "name")), {}};
    CXB_CO_CHECK(co_await api.audit->commit(audit_actor::of(context), std::move(what)));
    CXB_CO_CHECK(co_await api.trunks->sync_now(id));
    CXB_CO_TRY(auto const found, co_await carriers_of(context).find(id));
    co_return json_response(200, shown_carrier(found));
}

constexpr std::string_view did_example =
    R"({"number":"+911140000002","label":"Collections","direction":"both"})";
constexpr std::string_view carrier_example =
    R"({"name":"Acme SIP","sip_address":"sip.acme.example:5060","outbound_auth_username":"acme",)"
    R"("outbound_auth_password":"s3cret-of-acme","inbound_auth_mode":"ip",)"
    R"("inbound_allowed_addresses":["203.0.113.0/28"],)"
    R"("dids":[{"number":"+911140000001","direction":"both"}]})";
constexpr std::string_view view_example =
    R"({"id":"65f0a1b2c3d4e5f601020305","name":"Acme SIP","sip_address":"sip.acme.example:5060",)"
    R"("transport":"auto","destination_country":"","inbound_auth_mode":"ip",)"
    R"("inbound_auth_username":"","inbound_auth_password":"",)"
    R"("inbound_allowed_addresses":["203.0.113.0/28"],"outbound_auth_username":"acme",)"
    R"("outbound_auth_password":"s3cr••••••acme","auth_username":"","auth_password":"",)"
    R"("allowed_addresses":[],"outbound_cps":1,"outbound_burst":1,"outbound_channels":10,)"
    R"("enabled":true,"dids":[{"id":"65f0a1b2c3d4e5f601020306","number":"+911140000001",)"
    R"("label":"","direction":"both"}],"version":1,"lk_sync_status":"synced",)"
    R"("lk_inbound_trunk_id":"ST_aaaaaaaaaaaa","lk_outbound_trunk_id":"ST_bbbbbbbbbbbb",)"
    R"("lk_dispatch_rule_id":"SDR_cccccccccccc","lk_last_synced_at":"2026-01-02T03:04:05.000Z",)"
    R"("created_by":"admin@example.com","created_at":"2026-01-02T03:04:04.000Z",)"
    R"("updated_at":"2026-01-02T03:04:04.000Z"})";
constexpr std::string_view list_example =
    R"({"items":[{"id":"65f0a1b2c3d4e5f601020307","name":"Backup","sip_address":"203.0.113.5",)"
    R"("transport":"udp","destination_country":"IN","inbound_auth_mode":"credentials",)"
    R"("inbound_auth_username":"","inbound_auth_password":"","inbound_allowed_addresses":[],)"
    R"("outbound_auth_username":"","outbound_auth_password":"","auth_username":"backup",)"
    R"("auth_password":"back••••••word","allowed_addresses":[],"outbound_cps":0.5,)"
    R"("outbound_burst":1,"outbound_channels":2,"enabled":false,"dids":[],"version":3,)"
    R"("lk_sync_status":"pending","created_by":"admin@example.com",)"
    R"("created_at":"2026-01-02T03:04:04.000Z","updated_at":"2026-01-03T03:04:04.000Z"}],)"
    R"("total":1,"page":1,"limit":50})";
constexpr std::string_view deleted_example = R"({"status":"deleted"})";

constexpr std::string_view write_note =
    "What was written stands at once. With LiveKit configured the answer waits up to 5 s for it to "
    "follow, so it usually shows synced; while it does not, the work is repeated.";

constexpr server::route_error gone[] = {{404, "not_found", "no such carrier"}};
constexpr server::route_error made[] = {
    {409, "name_in_use", "another carrier has this name"},
    {409, "number_in_use", "a carrier has one of these numbers"}};
constexpr server::route_error changed[] = {
    {404, "not_found", "no such carrier"},
    {409, "carrier_in_use", "a running campaign calls with a number that would go"},
    {409, "name_in_use", "another carrier has this name"},
    {409, "number_in_use", "a carrier has one of these numbers"}};
constexpr server::route_error removed[] = {
    {404, "not_found", "no such carrier"},
    {409, "carrier_in_use", "a running campaign calls with one of its numbers"}};
constexpr server::route_error did_made[] = {
    {404, "not_found", "no such carrier"},
    {409, "number_in_use", "a carrier has this number"},
    {409, "too_many_numbers", "the carrier has 1000 numbers"}};
// Of a change every member may be left out.
std::string_view carrier_changes_schema() {
    static std::string const text =
        server::optional_schema(carrier_body_schema(), "carrier_changes");
    return text;
}

std::string_view did_changes_schema() {
    static std::string const text = server::optional_schema(did_body_schema(), "did_changes");
    return text;
}

constexpr server::route_error did_changed[] = {
    {404, "not_found", "no such carrier or number"},
    {409, "carrier_in_use", "a running campaign calls with the number that would go"},
    {409, "number_in_use", "a carrier has this number"}};
constexpr server::route_error did_removed[] = {
    {404, "not_found", "no such carrier or number"},
    {409, "carrier_in_use", "a running campaign calls with this number"}};
constexpr server::route_error not_synced[] = {
    {404, "not_found", "no such carrier"},
    {502, "upstream_failed", "LiveKit refused or cannot be reached; detail = its message"},
    {503, "unavailable", "no LiveKit server is configured"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/carriers",
     .who = access::admin,
     .handler = &list_carriers,
     .summary = "All carriers with their numbers, passwords masked",
     .response_schema = &server::page_schema<&carrier_view_schema>,
     .query = server::page_parameters,
     .doc = {.description = "Newest first. Passwords are masked.",
             .response_example = list_example}},
    {.method = "POST",
     .pattern = "/api/v1/carriers",
     .who = access::super_admin,
     .handler = &create_carrier,
     .summary = "Make a carrier",
     .body_limit = carrier_body_bytes,
     .request_schema = &carrier_body_schema,
     .response_schema = &carrier_view_schema,
     .success = 201,
     .doc = {.description = write_note,
             .request_example = carrier_example,
             .response_example = view_example,
             .errors = made}},
    {.method = "GET",
     .pattern = "/api/v1/carriers/{id}",
     .who = access::admin,
     .handler = &show_carrier,
     .summary = "One carrier, passwords masked",
     .response_schema = &carrier_view_schema,
     .doc = {.description = "Shows also what LiveKit holds for it and how the last try to bring it "
                            "there ended.",
             .response_example = view_example,
             .errors = gone}},
    {.method = "PUT",
     .pattern = "/api/v1/carriers/{id}",
     .who = access::super_admin,
     .handler = &change_carrier,
     .summary = "Change a carrier; members left out stay, null brings the default back",
     .body_limit = carrier_body_bytes,
     .request_schema = &carrier_changes_schema,
     .response_schema = &carrier_view_schema,
     .doc = {.description = "A masked password keeps the stored one. A list of numbers replaces "
                            "the whole list; numbers that stay keep their ids.",
             .request_example = carrier_example,
             .response_example = view_example,
             .errors = changed}},
    {.method = "DELETE",
     .pattern = "/api/v1/carriers/{id}",
     .who = access::super_admin,
     .handler = &delete_carrier,
     .summary = "End a carrier, its numbers, and what LiveKit holds for it",
     .response_schema = &server::deleted_schema,
     .doc = {.description = "LiveKit is cleaned up by a job that is repeated until it is done.",
             .response_example = deleted_example,
             .errors = removed}},
    {.method = "POST",
     .pattern = "/api/v1/carriers/{id}/dids",
     .who = access::super_admin,
     .handler = &add_did,
     .summary = "Add a number to a carrier",
     .request_schema = &did_body_schema,
     .response_schema = &carrier_view_schema,
     .success = 201,
     .doc = {.description = write_note,
             .request_example = did_example,
             .response_example = view_example,
             .errors = did_made}},
    {.method = "PUT",
     .pattern = "/api/v1/carriers/{id}/dids/{did_id}",
     .who = access::super_admin,
     .handler = &change_did,
     .summary = "Change a number: its text, label, direction or bot",
     .request_schema = &did_changes_schema,
     .response_schema = &carrier_view_schema,
     .doc = {.description = "Members left out stay; bot_id null ends the mapping.",
             .request_example = did_example,
             .response_example = view_example,
             .errors = did_changed}},
    {.method = "DELETE",
     .pattern = "/api/v1/carriers/{id}/dids/{did_id}",
     .who = access::super_admin,
     .handler = &delete_did,
     .summary = "Take a number away from a carrier",
     .response_schema = &server::deleted_schema,
     .doc = {.description = "The trunks follow as after every change.",
             .response_example = deleted_example,
             .errors = did_removed}},
    {.method = "POST",
     .pattern = "/api/v1/carriers/{id}/sync",
     .who = access::super_admin,
     .handler = &sync_carrier,
     .summary = "Bring LiveKit to this carrier now",
     .response_schema = &carrier_view_schema,
     .doc = {.description = "Makes what is missing, adopts what has the carrier's name, removes "
                            "what is wanted no longer.",
             .response_example = view_example,
             .errors = not_synced}},
};

}  // namespace

std::span<server::route const> carrier_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
