#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"--caller", "The far party"},
    {"--var", "Call variable NAME=VALUE; repeat for more", parameter_kind::list},
    {"--at", "Moment to look at, RFC 3339"},
    {"--prefetch", "Ask the CRM too", parameter_kind::flag}};

std::string steps_of(wire::json_object const& shown) {
    auto const* steps = shown.if_contains("steps");
    if (steps == nullptr || !steps->is_array()) return {};
    return "\n" +
           format_rows(steps->get_array(), {{"STEP", "name"}, {"MS", "ms"}, {"NOTE", "note"}});
}

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto variables, parse_variables(args.list("--var")));
    wire::json_object body{{"connected_event", std::move(variables)},
                           {"skip_prefetch", !args.has("--prefetch")}};
    if (args.has("--caller")) body["caller_id"] = args.text("--caller");
    if (args.has("--at")) body["at"] = args.text("--at");
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", args.text("BOT"), "/preview-config");
    call.body = wire::to_text(body);
    CXB_TRY(auto const shown, context.ask_object(std::move(call)));
    auto const* config = shown.if_contains("config");
    std::string const text = config != nullptr && config->is_object()
                                 ? format_object(config->get_object())
                                 : std::string();
    return context.print(shown, text + "\nUnresolved: " + cell(shown, "unresolved") + "\nOpen: " +
                                    cell(shown, "active.open") + "\n" + steps_of(shown));
}

}  // namespace

command const config_preview{"config",
                             "preview",
                             "Show the config a call would get; writes nothing",
                             "cxb config preview 65f000000000000000000001 --var CUSTOMER=Ravi",
                             parameters,
                             &run};

}  // namespace cxb::cli
