#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"USER", "Id of the user", parameter_kind::argument, true},
    {"--generate", "Let the server make one, to be changed at once", parameter_kind::flag}};

result<exit_code> run(command_context& context) {
    auto const user = context.args().text("USER");
    wire::json_object body;
    if (!context.args().has("--generate")) {
        auto const password = context.around().read_password("New password: ");
        if (password.empty()) return usage_error("No password was given on standard input");
        body["new_password"] = password;
    }
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/users/", user, "/reset-password");
    call.body = wire::to_text(body);
    CXB_TRY(auto const done, context.ask_object(std::move(call)));
    std::string text = "Password set; all sessions of this user have ended\n";
    if (done.contains("temporary_password"))
        text += "Temporary password, shown only now: " + cell(done, "temporary_password") + "\n";
    return context.print(done, text);
}

}  // namespace

command const users_reset_password{
    "users",
    "reset-password",
    "Set another person's password, asked for or read from standard input",
    "cxb users reset-password 65f000000000000000000003 --generate",
    parameters,
    &run};

}  // namespace cxb::cli
