#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const id = context.args().text("BOT");
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/bots/", id);
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Deleted bot " + id + "\n");
}

}  // namespace

command const bots_delete{
    "bots", "delete", "Delete a bot", "cxb bots delete 65f000000000000000000001", parameters, &run};

}  // namespace cxb::cli
