#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"FILE", "JSON of the members to change, - for standard input", parameter_kind::argument, true},
    {"--if-version", "Change only this version of the bot"}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "PUT";
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"));
    call.body = wire::to_text(sent);
    if (auto const number = context.args().text("--if-version"); !number.empty())
        call.headers.add("If-Match", '"' + number + '"');
    CXB_TRY(auto const bot, context.ask_object(std::move(call)));
    return context.print(
        bot, "Changed bot " + cell(bot, "id") + ", now version " + cell(bot, "version") + "\n");
}

}  // namespace

command const bots_update{
    "bots",
    "update",
    "Change members of a bot; null resets one",
    "echo '{\"is_active\":false}' | cxb bots update 65f000000000000000000001 -",
    parameters,
    &run};

}  // namespace cxb::cli
