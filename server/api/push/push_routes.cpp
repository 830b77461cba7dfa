#include "server/api/push/push_routes.hpp"

#include "server/api/calls/call_reading.hpp"
#include "server/api/push/push_docs.hpp"
#include "server/api/push/push_replay.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

handler_result push_again(request_context& context) {
    wire::json_object body;
    if (!context.request.body.empty()) {
        CXB_CO_TRY(body, context.object_body());
    }
    replay_order order;
    auto const* given = body.if_contains("mode");
    order.mode = given == nullptr ? "rebuild" : wire::text_at(body, "mode");
    order.reason = wire::text_at(body, "reason");
    order.base = context.public_base;
    if (order.mode != "rebuild" && order.mode != "same")
        co_return invalid_member("/mode", "must be rebuild or same");
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto call, co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto const job, co_await replay_push(api, std::move(call), std::move(order),
                                                    audit_actor::of(context)));
    co_return json_response(202, wire::json_object{{"job_id", job}});
}

handler_result list_pushes(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const call,
               co_await find_call(*api.store, context.param("id"), context.caller));
    CXB_CO_TRY(auto jobs,
               co_await pushes_of(*api.store, std::string(wire::text_at(call, "session_id"))));
    co_return json_response(200, std::move(jobs));
}

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/calls/{id}/push",
     .who = access::admin,
     .handler = &push_again,
     .summary = "Push a call again: rebuilt from today's mapper, or the same bytes",
     .request_schema = &push_body_schema,
     .response_schema = &push_queued_schema,
     .success = 202,
     .doc = push_again_doc},
    {.method = "GET",
     .pattern = "/api/v1/calls/{id}/pushes",
     .who = access::admin,
     .handler = &list_pushes,
     .summary = "Push jobs of a call with their history",
     .response_schema = &server::list_schema<&job_schema>,
     .doc = list_pushes_doc},
};

}  // namespace

std::span<server::route const> push_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
