#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/user_members.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--email", "Email, to sign in with", parameter_kind::value, true},
    {"--name", "Shown name", parameter_kind::value, true},
    role_option,
    language_option,
    primary_option,
    skill_option};

result<exit_code> run(command_context& context) {
    auto const email = context.args().text("--email");
    auto body = user_members(context.args());
    body["email"] = email;
    auto const password = context.around().read_password("Password for " + email + ": ");
    if (password.empty()) return usage_error("No password was given on standard input");
    body["password"] = password;
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/auth/register";
    call.body = wire::to_text(body);
    CXB_TRY(auto const made, context.ask_object(std::move(call)));
    return context.print(made, "Created user " + cell(made, "id") + " (" + cell(made, "email") +
                                   ", " + cell(made, "role") + ")\n");
}

}  // namespace

command const users_create{
    "users",
    "create",
    "Create a user; the password is asked for or read from standard input",
    "cxb users create --email asha@example.com --name Asha --role supervisor",
    parameters,
    &run};

}  // namespace cxb::cli
