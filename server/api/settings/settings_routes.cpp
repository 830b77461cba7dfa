#include "server/api/settings/settings_routes.hpp"

#include <array>
#include <utility>

#include "server/api/services.hpp"
#include "server/api/settings/provider_probe.hpp"
#include "server/api/settings/settings_directory.hpp"
#include "server/api/settings/settings_docs.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

handler_result get_settings(request_context& context) {
    co_return json_response(200, shown_settings(*context.service<api_services>().system->get()));
}

handler_result get_display(request_context& context) {
    auto const settings = context.service<api_services>().system->get();
    co_return json_response(200,
                            wire::json_object{{"display_timezone", settings->display_timezone}});
}

handler_result put_block(request_context& context, settings_block block) {
    CXB_CO_TRY(wire::json_object sent, context.object_body());
    auto& system = *context.service<api_services>().system;
    CXB_CO_CHECK(co_await system.change(block, std::move(sent), audit_actor::of(context)));
    co_return json_response(200, shown_settings(*system.get()));
}

handler_result test_key(request_context& context) {
    auto& services = context.service<api_services>();
    CXB_CO_TRY(auto const outcome,
               co_await probe_provider(*services.guarded, *services.time, services.system->get(),
                                       context.param("provider"), probe_patience));
    co_return json_response(200, wire::to_object(outcome));
}

template <std::size_t I>
handler_result put_row(request_context& context) {
    return put_block(context, settings_blocks[I]);
}

template <std::size_t I>
std::string_view body_schema() {
    static std::string const text = body_schema_of(settings_blocks[I]);
    return text;
}

constexpr server::route own_rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/settings",
     .who = access::super_admin,
     .handler = &get_settings,
     .summary = "All system settings, secrets masked",
     .response_schema = &settings_schema,
     .doc = get_settings_doc},
    {.method = "GET",
     .pattern = "/api/v1/settings/display",
     .who = access::user,
     .handler = &get_display,
     .summary = "Time zone in which people see times",
     .response_schema = &display_schema,
     .doc = get_display_doc},
    {.method = "POST",
     .pattern = "/api/v1/settings/api-keys/{provider}/test",
     .who = access::super_admin,
     .handler = &test_key,
     .summary = "Does the provider take the stored key? One request to it",
     .response_schema = &probe_outcome_schema,
     .doc = test_key_doc},
};

template <std::size_t... Own, std::size_t... Block>
constexpr auto all_rows(std::index_sequence<Own...>, std::index_sequence<Block...>) {
    return std::array{own_rows[Own]...,
                      server::route{.method = "PUT",
                                    .pattern = settings_blocks[Block].pattern,
                                    .who = access::super_admin,
                                    .handler = &put_row<Block>,
                                    .summary = settings_blocks[Block].summary,
                                    .request_schema = &body_schema<Block>,
                                    .response_schema = &settings_schema,
                                    .doc = {.description = settings_blocks[Block].description,
                                            .request_example = settings_blocks[Block].example,
                                            .response_example = settings_example,
                                            .errors = put_block_errors}}...};
}

constexpr auto rows = all_rows(std::make_index_sequence<std::size(own_rows)>{},
                               std::make_index_sequence<std::size(settings_blocks)>{});

}  // namespace

std::span<server::route const> settings_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
