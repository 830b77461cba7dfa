#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/user_members.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"USER", "Id of the user", parameter_kind::argument, true},
                                    {"--name", "Shown name"},
                                    role_option,
                                    language_option,
                                    primary_option,
                                    skill_option};

result<exit_code> run(command_context& context) {
    auto const body = user_members(context.args());
    if (body.empty()) return usage_error("Nothing to change: give --name, --role, ...");
    remote_call call;
    call.method = "PUT";
    call.target = target_of("/api/v1/users/", context.args().text("USER"));
    call.body = wire::to_text(body);
    CXB_TRY(auto const user, context.ask_object(std::move(call)));
    return context.print(user, format_object(user));
}

}  // namespace

command const users_set{"users",
                        "set",
                        "Change a user; what is not given stays",
                        "cxb users set 65f000000000000000000003 --role supervisor --language hi",
                        parameters,
                        &run};

}  // namespace cxb::cli
