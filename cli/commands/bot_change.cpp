#include "cli/commands/bot_change.hpp"

#include "cli/app/table.hpp"

namespace cxb::cli {

result<exit_code> change_bot(command_context& context, wire::json_object const& members) {
    remote_call call;
    call.method = "PUT";
    call.target = target_of("/api/v1/bots/", context.args().text(changed_bot.name));
    call.body = wire::to_text(members);
    if (auto const number = context.args().text(only_if_version.name); !number.empty())
        call.headers.add("If-Match", '"' + number + '"');
    CXB_TRY(auto const bot, context.ask_object(std::move(call)));
    return context.print(
        bot, "Changed bot " + cell(bot, "id") + ", now version " + cell(bot, "version") + "\n");
}

}  // namespace cxb::cli
