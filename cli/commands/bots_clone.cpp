#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true},
                                    {"--name", "Name of the copy; <name> (Copy) when left out"}};

result<exit_code> run(command_context& context) {
    wire::json_object body;
    if (context.args().has("--name")) body["name"] = context.args().text("--name");
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"), "/clone");
    call.body = wire::to_text(body);
    CXB_TRY(auto const bot, context.ask_object(std::move(call)));
    return context.print(bot, "Created bot " + cell(bot, "id") + " (" + cell(bot, "name") + ")\n");
}

}  // namespace

command const bots_clone{"bots",
                         "clone",
                         "Create a bot with the content of another",
                         "cxb bots clone 65f000000000000000000001 --name Trial",
                         parameters,
                         &run};

}  // namespace cxb::cli
