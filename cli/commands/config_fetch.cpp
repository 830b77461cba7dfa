#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"--caller", "The far party"},
    {"--var", "Call variable NAME=VALUE; repeat for more", parameter_kind::list}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto variables, parse_variables(args.list("--var")));
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/config/", args.text("BOT"));
    call.use_secret = true;
    call.body = wire::to_text(wire::json_object{{"caller_id", args.text("--caller")},
                                                {"connected_event", std::move(variables)}});
    CXB_TRY(auto const config, context.ask_object(std::move(call)));
    return context.print(config, format_object(config));
}

}  // namespace

command const config_fetch{"config",
                           "fetch",
                           "Fetch the config as a worker does (this creates a call); needs "
                           "CXB_CORE_SECRET",
                           "cxb --json config fetch 65f000000000000000000001 --var CUSTOMER=Ravi",
                           parameters,
                           &run};

}  // namespace cxb::cli
