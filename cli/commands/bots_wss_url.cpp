#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"), "/wss-url");
    CXB_TRY(auto const urls, context.ask_object(std::move(call)));
    return context.print(urls, format_object(urls));
}

}  // namespace

command const bots_wss_url{"bots",
                           "wss-url",
                           "Addresses at which media WebSockets reach a bot",
                           "cxb bots wss-url 65f000000000000000000001",
                           parameters,
                           &run};

}  // namespace cxb::cli
