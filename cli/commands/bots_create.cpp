#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"FILE", "JSON of the bot, - for standard input", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/bots";
    call.body = wire::to_text(sent);
    CXB_TRY(auto const bot, context.ask_object(std::move(call)));
    return context.print(bot, "Created bot " + cell(bot, "id") + " (" + cell(bot, "name") + ")\n");
}

}  // namespace

command const bots_create{
    "bots",     "create", "Create a bot from a JSON file", "cxb bots create bot.json",
    parameters, &run};

}  // namespace cxb::cli
