#include "cli/commands/bot_change.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    changed_bot,
    {"FILE", "JSON of the members to change, - for standard input", parameter_kind::argument, true},
    only_if_version};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    return change_bot(context, sent);
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
