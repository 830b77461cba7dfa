#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true},
    {"FILE", "JSON of the members to change, - for standard input", parameter_kind::argument,
     true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "PUT";
    call.target = target_of("/api/v1/carriers/", context.args().text("CARRIER"));
    call.body = wire::to_text(sent);
    CXB_TRY(auto const changed, context.ask_object(std::move(call)));
    return context.print(changed, "Changed carrier " + cell(changed, "id") + ", LiveKit " +
                                      cell(changed, "lk_sync_status") + "\n");
}

}  // namespace

command const carriers_update{
    "carriers",
    "update",
    "Change a carrier; a masked or absent password stays",
    "echo '{\"enabled\":false}' | cxb carriers update 65f000000000000000000004 -",
    parameters,
    &run};

}  // namespace cxb::cli
