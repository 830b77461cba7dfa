#include "server/api/fleet/fleet_routes.hpp"

#include "server/api/fleet/fleet_docs.hpp"
#include "server/api/fleet/fleet_service.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

server::handler_result fleet_status(server::request_context& context) {
    CXB_CO_TRY(auto const status, co_await context.service<api_services>().hosts->status());
    co_return server::json_response(200, status);
}

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/fleet/status",
     .who = server::access::admin,
     .handler = &fleet_status,
     .summary = "Worker hosts: capacity, running calls, reservations",
     .response_schema = &fleet_status_schema,
     .doc = fleet_status_doc},
};

}  // namespace

std::span<server::route const> fleet_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
