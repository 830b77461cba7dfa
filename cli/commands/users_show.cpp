#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"USER", "Id of the user", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.target = target_of("/api/v1/users/", context.args().text("USER"));
    CXB_TRY(auto const user, context.ask_object(std::move(call)));
    return context.print(user, format_object(user));
}

}  // namespace

command const users_show{
    "users", "show", "Show one user", "cxb users show 65f000000000000000000003", parameters, &run};

}  // namespace cxb::cli
