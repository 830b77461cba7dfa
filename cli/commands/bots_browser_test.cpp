#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"), "/browser-test");
    CXB_TRY(auto const ready, context.ask_object(std::move(call)));
    return context.print(
        ready, "The bot waits at " + cell(ready, "server_url") +
                   " for who joins with this token:\n" + cell(ready, "participant_token") +
                   "\nIts call has the caller_id " + cell(ready, "test_id") + "\n");
}

}  // namespace

command const bots_browser_test{"bots",
                                "browser-test",
                                "Let a bot wait in a room for a browser",
                                "cxb bots browser-test 65f000000000000000000001",
                                parameters,
                                &run};

}  // namespace cxb::cli
