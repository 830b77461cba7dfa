#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--email", "Email of your account", parameter_kind::value, true}};

result<exit_code> run(command_context& context) {
    auto const email = context.args().text("--email");
    CXB_TRY(auto const file, context.credentials());
    auto const password = context.around().read_password("Password for " + email + ": ");
    if (password.empty()) return usage_error("No password was given on standard input");
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/auth/login";
    call.body = wire::to_text(wire::json_object{{"email", email}, {"password", password}});
    call.anonymous = true;
    CXB_TRY(auto const answer, context.ask_object(std::move(call)));
    stored_token entry;
    entry.token = secret(std::string(wire::text_at(answer, "access_token")));
    if (entry.token.empty())
        return error{errc::corrupt_data, "The answer holds no token; is it a CX Bridge API?"};
    entry.expires_at = context.now() + std::chrono::seconds(wire::int_at(answer, "expires_in"));
    CXB_CHECK(file.put(context.url(), entry));
    wire::json_object const shown{{"status", "ok"},
                                  {"url", context.url()},
                                  {"email", email},
                                  {"role", wire::text_at(answer, "user.role")},
                                  {"expires_at", format_timestamp(entry.expires_at)}};
    return context.print(shown, "Signed in at " + context.url() + " as " + email + " (" +
                                    cell(answer, "user.role") + ") until " +
                                    readable_time(format_timestamp(entry.expires_at)) + " UTC\n");
}

}  // namespace

command const login{"login",
                    "",
                    "Sign in; the password is asked for or read from standard input",
                    "cxb login --email admin@example.com",
                    parameters,
                    &run};

}  // namespace cxb::cli
