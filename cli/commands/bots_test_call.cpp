#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/call_rows.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"NUMBER", "Number to ring", parameter_kind::argument, true},
    {"--var", "Call variable NAME=VALUE; repeat for more", parameter_kind::list},
    {"--crm", "What the CRM would say, NAME=VALUE; repeat for more", parameter_kind::list},
    {"--from", "Number to show"},
    {"--skip-prefetch", "Do not ask the CRM", parameter_kind::flag},
    {"--push", "Tell the CRM of the result", parameter_kind::flag},
    {"--any-time", "Also outside the bot's hours", parameter_kind::flag},
    {"--key", "Idempotency key; one is made when left out"}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto variables, parse_variables(args.list("--var")));
    CXB_TRY(auto crm, parse_variables(args.list("--crm")));
    wire::json_object body{{"to_number", args.text("NUMBER")},
                           {"skip_prefetch", args.has("--skip-prefetch")},
                           {"skip_post_push", !args.has("--push")},
                           {"ignore_active_hours", args.has("--any-time")}};
    if (args.has("--from")) body["from_number"] = args.text("--from");
    if (!variables.empty()) body["variables"] = std::move(variables);
    if (!crm.empty()) body["mock_crm"] = std::move(crm);
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", args.text("BOT"), "/test-call");
    call.body = wire::to_text(body);
    call.headers.add("Idempotency-Key", args.text("--key", new_uuid7()));
    call.repeatable = true;
    call.timeout = longest_dialout;
    CXB_TRY(auto const accepted, context.ask_object(std::move(call)));
    return context.print(accepted,
                         "Test call accepted, session " + cell(accepted, "session_id") + "\n");
}

}  // namespace

command const bots_test_call{
    "bots",
    "test-call",
    "Ring a number for a trial of a bot",
    "cxb bots test-call 65f000000000000000000001 +919876543210 --crm NAME=Ravi",
    parameters,
    &run};

}  // namespace cxb::cli
