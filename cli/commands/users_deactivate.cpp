#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"USER", "Id of the user", parameter_kind::argument, true},
                                    {"--undo", "Activate again", parameter_kind::flag}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/users/", context.args().text("USER"), "/deactivate");
    call.body = wire::to_text(wire::json_object{{"is_active", context.args().has("--undo")}});
    CXB_TRY(auto const user, context.ask_object(std::move(call)));
    bool const active = wire::bool_at(user, "is_active");
    return context.print(
        user, cell(user, "email") + (active ? " may sign in again\n" : " can sign in no more\n"));
}

}  // namespace

command const users_deactivate{"users",
                               "deactivate",
                               "End a user's access at once, or give it back",
                               "cxb users deactivate 65f000000000000000000003",
                               parameters,
                               &run};

}  // namespace cxb::cli
