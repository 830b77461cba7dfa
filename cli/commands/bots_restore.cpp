#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"VERSION", "What the bot shall be again", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", args.text("BOT"), "/versions/") +
                  target_of("", args.text("VERSION"), "/restore");
    CXB_TRY(auto const bot, context.ask_object(std::move(call)));
    return context.print(bot, "Bot " + cell(bot, "id") + " is again what it was in version " +
                                  args.text("VERSION") + ", now version " + cell(bot, "version") +
                                  "\n");
}

}  // namespace

command const bots_restore{"bots",
                           "restore",
                           "Make a bot what it was in a version",
                           "cxb bots restore 65f000000000000000000001 3",
                           parameters,
                           &run};

}  // namespace cxb::cli
