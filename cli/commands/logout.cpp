#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--all", "End your sessions everywhere, not only here", parameter_kind::flag}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const file, context.credentials());
    if (context.args().has("--all")) {
        remote_call call;
        call.method = "POST";
        call.target = "/api/v1/auth/logout-all";
        CXB_TRY([[maybe_unused]] auto const done, context.send(std::move(call)));
    }
    CXB_TRY(bool const was, file.remove(context.url()));
    return context.print(wire::json_object{{"status", "ok"}, {"was_signed_in", was}},
                         was ? "Signed out at " + context.url() + "\n"
                             : "Was not signed in at " + context.url() + "\n");
}

}  // namespace

command const logout{"logout",           "",         "Forget the token of this installation",
                     "cxb logout --all", parameters, &run};

}  // namespace cxb::cli
