#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"KIND", "pre_call_fetch or post_call_push", parameter_kind::argument, true},
    {"--session", "Fill it in from this call"},
    {"--var", "Variable NAME=VALUE; repeat for more", parameter_kind::list},
    {"--send", "Really ask the CRM; else only the request is shown", parameter_kind::flag}};

std::string told(wire::json_object const& answer) {
    std::string text = cell(answer, "request.method") + " " + cell(answer, "request.url") + "\n";
    auto const* request = answer.if_contains("request");
    if (request != nullptr && request->is_object()) {
        auto const& asked = request->get_object();
        if (auto const* headers = asked.if_contains("headers"); headers && headers->is_object())
            for (auto const& one : headers->get_object())
                text += "  " + std::string(one.key()) + ": " +
                        cell(headers->get_object(), one.key()) + "\n";
        if (asked.contains("body")) text += cell(asked, "body") + "\n";
    }
    if (auto const* got = answer.if_contains("response"); got != nullptr && got->is_object())
        text += "Answered " + cell(got->get_object(), "status") + " after " +
                cell(got->get_object(), "ms") + " ms\n" + cell(got->get_object(), "body") + "\n";
    if (auto const why = wire::text_at(answer, "error"); !why.empty())
        text += "Failed: " + std::string(why) + "\n";
    return text;
}

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto variables, parse_variables(args.list("--var")));
    wire::json_object body{{"kind", args.text("KIND")}, {"dry_run", !args.has("--send")}};
    if (args.has("--session")) body["session_id"] = args.text("--session");
    if (!variables.empty()) body["variables"] = std::move(variables);
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", args.text("BOT"), "/integrations/test");
    call.body = wire::to_text(body);
    CXB_TRY(auto const answer, context.ask_object(std::move(call)));
    context.print(answer, told(answer));
    constexpr std::int64_t no_success = 300;
    bool const failed = !wire::text_at(answer, "error").empty() ||
                        wire::int_at(answer, "response.status") >= no_success;
    return failed ? exit_code::failed : exit_code::done;
}

}  // namespace

command const bots_test_integration{
    "bots",
    "test-integration",
    "Show what a bot would ask or tell the CRM, and with --send do it; exit 1 if that fails",
    "cxb bots test-integration 65f000000000000000000001 post_call_push --session "
    "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10",
    parameters,
    &run};

}  // namespace cxb::cli
