#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"KEY", "Id of the key", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const id = context.args().text("KEY");
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/api-keys/", id);
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Deleted key " + id + "\n");
}

}  // namespace

command const keys_delete{
    "keys",     "delete", "Delete an API key", "cxb keys delete 65f000000000000000000002",
    parameters, &run};

}  // namespace cxb::cli
