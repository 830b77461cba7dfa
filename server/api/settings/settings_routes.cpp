#include "server/api/settings/settings_routes.hpp"

#include "server/api/services.hpp"
#include "server/api/settings/settings_directory.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

using merge_fn = result<void> (*)(wire::json_object&, wire::json_object const&);

handler_result get_settings(request_context& context) {
    co_return json_response(200, shown_settings(*context.service<api_services>().system->get()));
}

handler_result get_display(request_context& context) {
    auto const settings = context.service<api_services>().system->get();
    co_return json_response(200,
                            wire::json_object{{"display_timezone", settings->display_timezone}});
}

handler_result put_block(request_context& context, std::string block, merge_fn merge) {
    CXB_CO_TRY(wire::json_object sent, context.object_body());
    auto& system = *context.service<api_services>().system;
    CXB_CO_CHECK(co_await system.change(
        std::move(block),
        [&sent, merge](wire::json_object& document) { return merge(document, sent); },
        audit_actor::of(context)));
    co_return json_response(200, shown_settings(*system.get()));
}

handler_result put_api_keys(request_context& context) {
    return put_block(context, "api_keys", &merge_api_keys);
}
handler_result put_fleet(request_context& context) {
    return put_block(context, "fleet", &merge_fleet);
}
handler_result put_timezone(request_context& context) {
    return put_block(context, "timezone", &merge_timezone);
}

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/settings",
     .who = access::super_admin,
     .handler = &get_settings,
     .summary = "All system settings, secrets masked"},
    {.method = "GET",
     .pattern = "/api/v1/settings/display",
     .who = access::user,
     .handler = &get_display,
     .summary = "Time zone in which people see times"},
    {.method = "PUT",
     .pattern = "/api/v1/settings/api-keys",
     .who = access::super_admin,
     .handler = &put_api_keys,
     .summary = "Provider keys; a mask keeps the stored key, an empty text removes it"},
    {.method = "PUT",
     .pattern = "/api/v1/settings/fleet",
     .who = access::super_admin,
     .handler = &put_fleet,
     .summary = "Base URLs of the worker hosts"},
    {.method = "PUT",
     .pattern = "/api/v1/settings/timezone",
     .who = access::super_admin,
     .handler = &put_timezone,
     .summary = "Time zone in which people see times"},
};

}  // namespace

std::span<server::route const> settings_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
