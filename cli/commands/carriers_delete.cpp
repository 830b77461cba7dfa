#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const id = context.args().text("CARRIER");
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/carriers/", id);
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Deleted carrier " + id + "\n");
}

}  // namespace

command const carriers_delete{"carriers",
                              "delete",
                              "Delete a carrier, its numbers and its trunks",
                              "cxb carriers delete 65f000000000000000000004",
                              parameters,
                              &run};

}  // namespace cxb::cli
