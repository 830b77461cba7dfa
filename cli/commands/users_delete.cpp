#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"USER", "Id of the user", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const id = context.args().text("USER");
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/users/", id);
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Deleted user " + id + "\n");
}

}  // namespace

command const users_delete{"users",         "delete",
                           "Delete a user", "cxb users delete 65f000000000000000000003",
                           parameters,      &run};

}  // namespace cxb::cli
