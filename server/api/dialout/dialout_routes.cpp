#include "server/api/dialout/dialout_routes.hpp"

#include <algorithm>

#include "cxb/contract/dialout/dialout_request.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/active_hours.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/dialout/dialout_service.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::request_context;
namespace rc = contract::runtime_config;

// An admin may steer these; a key none (spec 21 §6 step 2).
constexpr std::string_view admin_flags[] = {"_skip_prefetch", "_skip_post_push", "_mock_crm"};

std::vector<std::string> strip_untrusted(wire::json_object& variables, bool admin) {
    wire::json_object kept;
    if (admin)
        for (auto const name : admin_flags)
            if (auto const* value = variables.if_contains(name)) kept[name] = *value;
    std::vector<std::string> dropped = rc::strip_reserved(variables);
    for (auto const& [name, value] : kept)
        variables[name] = value;
    std::erase_if(dropped, [&](std::string const& name) { return kept.contains(name); });
    return dropped;
}

store::async<bot_ptr> usable_bot(request_context& context, std::string bot_id) {
    auto& bots = *context.service<api_services>().bots;
    CXB_CO_CHECK(co_await bots.catch_up(bot_id));
    auto bot = bots.find(bot_id);
    if (!bot) co_return error{errc::not_found, "Bot not found"};
    if (!context.caller.allows_bot(bot_id))
        co_return error{errc::forbidden, "API key is not allowed for this bot"};
    CXB_CO_CHECK(check_bot_takes_calls(*bot, context.now()));
    co_return bot;
}

std::string config_base(request_context const& context) {
    bool const internal = !context.service<api_services>().settings->http.internal_url.empty();
    return internal ? context.internal_base : context.public_base;
}

handler_result place_call(request_context& context) {
    std::vector<std::string> ignored;
    wire::parse_options how;
    how.max_bytes = limits::call_start_body;
    how.ignored = &ignored;
    CXB_CO_TRY(auto const body,
               contract::dialout::parse_dialout_request(context.request.body, how));
    auto& api = context.service<api_services>();
    bool const admin = context.caller.kind == server::principal_kind::user;
    dial_order order;
    order.variables = contract::dialout::call_variables(body).to_object();
    for (auto& name : strip_untrusted(order.variables, admin))
        ignored.push_back(std::move(name));
    if (!ignored.empty())
        context.answer_headers.set("X-CXB-Ignored-Fields", wire::ignored_fields_header(ignored));
    CXB_CO_TRY(bot_ptr const bot, co_await usable_bot(context, body.bot_id));
    CXB_CO_TRY(order.to_number,
               domain::dialable_number(body.to_number, api.settings->phone_region));
    order.bot_id = bot->id;
    order.from_number = body.from_number;
    order.config_base = config_base(context);
    order.actor = context.caller.actor();
    CXB_CO_TRY(dialed_call const call, co_await api.dialouts->dial(std::move(order)));
    context.session_id = call.accepted.session_id.value_or("");
    co_return server::json_response(200, contract::dialout::serialize(call.accepted));
}

handler_result get_dialout(request_context& context) {
    auto& api = context.service<api_services>();
    auto const by_session = server::model::of_session(context.param("session_id"));
    CXB_CO_TRY(auto row, co_await api.store->find_one(server::model::dialouts, by_session));
    bool const key = context.caller.kind == server::principal_kind::api_key;
    if (!row || (key && wire::text_at(*row, "actor") != context.caller.actor()))
        co_return error{errc::not_found, "Dialout not found"};
    CXB_CO_TRY(auto const call, co_await api.store->find_one(server::model::calls, by_session));
    row->erase("_id");
    (*row)["call_status"] =
        call ? wire::json_value(wire::text_at(*call, "status")) : wire::json_value();
    co_return server::json_response(200, *row);
}

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/sip/dialout",
     .who = access::api_key_or_admin,
     .handler = &place_call,
     .summary = "Ring a number and let a bot talk; safe to repeat with an Idempotency-Key",
     .scope = "dialout",
     .body_limit = limits::call_start_body,
     .request_schema = &contract::dialout::dialout_request_schema,
     .response_schema = &contract::dialout::call_accepted_schema,
     .idempotent = true,
     .deadline = server::no_deadline},
    {.method = "GET",
     .pattern = "/api/v1/sip/dialouts/{session_id}",
     .who = access::api_key_or_admin,
     .handler = &get_dialout,
     .summary = "What became of a dialout; a key sees its own",
     .scope = "dialout"},
};

}  // namespace

std::span<server::route const> dialout_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
