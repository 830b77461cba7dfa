#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const bot, context.get(target_of("/api/v1/bots/", context.args().text("BOT"))));
    if (!bot.is_object()) return error{errc::corrupt_data, "The answer is not a JSON object"};
    return context.print(bot, format_object(bot.get_object()));
}

}  // namespace

command const bots_show{"bots",         "show",
                        "Show one bot", "cxb --json bots show 65f000000000000000000001",
                        parameters,     &run};

}  // namespace cxb::cli
