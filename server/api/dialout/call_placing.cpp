#include "server/api/dialout/call_placing.hpp"

#include "cxb/domain/phone_number.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/carriers/number_lookup.hpp"
#include "server/api/dialout/dialout_service.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

std::string config_base(server::request_context const& context) {
    bool const internal = !context.service<api_services>().settings->http.internal_url.empty();
    return internal ? context.internal_base : context.public_base;
}

}  // namespace

store::async<bot_ptr> usable_bot(server::request_context& context, std::string bot_id,
                                 bool any_time) {
    auto& bots = *context.service<api_services>().bots;
    CXB_CO_CHECK(co_await bots.catch_up(bot_id));
    auto bot = bots.find(bot_id);
    if (!bot) co_return error{errc::not_found, "Bot not found"};
    if (!context.caller.allows_bot(bot_id))
        co_return error{errc::forbidden, "API key is not allowed for this bot"};
    CXB_CO_CHECK(check_bot_active(bot->bot));
    if (!any_time) CXB_CO_CHECK(check_bot_takes_calls(*bot, context.now()));
    co_return bot;
}

server::handler_result place_call(server::request_context& context, bot_ptr bot, wanted_call call) {
    auto& api = context.service<api_services>();
    if (!call.ignored.empty())
        context.answer_headers.set("X-CXB-Ignored-Fields",
                                   wire::ignored_fields_header(call.ignored));
    dial_order order;
    CXB_CO_TRY(order.to_number,
               domain::dialable_number(call.to_number, api.settings->phone_region));
    if (call.from_number)
        CXB_CO_CHECK(
            co_await check_from_number(*api.store, *call.from_number, api.settings->phone_region));
    order.bot_id = bot->id;
    order.from_number = std::move(call.from_number);
    order.variables = std::move(call.variables);
    order.config_base = config_base(context);
    order.actor = context.caller.actor();
    CXB_CO_TRY(dialed_call const dialed, co_await api.dialouts->dial(std::move(order)));
    context.session_id = dialed.accepted.session_id.value_or("");
    co_return server::json_response(200, contract::dialout::serialize(dialed.accepted));
}

}  // namespace cxb::api
