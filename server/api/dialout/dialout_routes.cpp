#include "server/api/dialout/dialout_routes.hpp"

#include <algorithm>

#include "cxb/contract/dialout/dialout_request.hpp"
#include "server/api/dialout/call_placing.hpp"
#include "server/api/dialout/dialout_docs.hpp"
#include "server/api/dialout/dialout_service.hpp"
#include "server/api/dialout/test_call_request.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/model/collections.hpp"

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

handler_result post_dialout(request_context& context) {
    wanted_call call;
    wire::parse_options how;
    how.max_bytes = limits::call_start_body;
    how.ignored = &call.ignored;
    CXB_CO_TRY(auto const body,
               contract::dialout::parse_dialout_request(context.request.body, how));
    bool const admin = context.caller.kind == server::principal_kind::user;
    call.variables = contract::dialout::call_variables(body).to_object();
    for (auto& name : strip_untrusted(call.variables, admin))
        call.ignored.push_back(std::move(name));
    call.to_number = body.to_number;
    call.from_number = body.from_number;
    CXB_CO_TRY(bot_ptr const bot, co_await usable_bot(context, body.bot_id));
    co_return co_await place_call(context, bot, std::move(call));
}

handler_result post_test_call(request_context& context) {
    wanted_call call;
    wire::parse_options how;
    how.max_bytes = limits::call_start_body;
    how.ignored = &call.ignored;
    CXB_CO_TRY(test_call_request body, parse_test_call_request(context.request.body, how));
    call.variables = body.variables.to_object();
    // The body has members of its own for what may be steered.
    for (auto& name : rc::strip_reserved(call.variables))
        call.ignored.push_back(std::move(name));
    add_test_flags(call.variables, body);
    call.to_number = std::move(body.to_number);
    call.from_number = std::move(body.from_number);
    CXB_CO_TRY(bot_ptr const bot,
               co_await usable_bot(context, context.param("id"), body.ignore_active_hours));
    co_return co_await place_call(context, bot, std::move(call));
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
     .handler = &post_dialout,
     .summary = "Ring a number and let a bot talk; safe to repeat with an Idempotency-Key",
     .scope = "dialout",
     .body_limit = limits::call_start_body,
     .request_schema = &contract::dialout::dialout_request_schema,
     .response_schema = &contract::dialout::call_accepted_schema,
     .idempotent = true,
     .deadline = server::no_deadline,
     .doc = post_dialout_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/test-call",
     .who = access::admin,
     .handler = &post_test_call,
     .summary = "Ring a number for a trial of this bot; safe to repeat with an Idempotency-Key",
     .body_limit = limits::call_start_body,
     .request_schema = &test_call_request_schema,
     .response_schema = &contract::dialout::call_accepted_schema,
     .idempotent = true,
     .deadline = server::no_deadline,
     .doc = post_test_call_doc},
    {.method = "GET",
     .pattern = "/api/v1/sip/dialouts/{session_id}",
     .who = access::api_key_or_admin,
     .handler = &get_dialout,
     .summary = "What became of a dialout; a key sees its own",
     .scope = "dialout",
     .response_schema = &dialout_schema,
     .doc = get_dialout_doc},
};

}  // namespace

std::span<server::route const> dialout_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
