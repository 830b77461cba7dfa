#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"FILE", "JSON of the carrier, - for standard input", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/carriers";
    call.body = wire::to_text(sent);
    CXB_TRY(auto const made, context.ask_object(std::move(call)));
    return context.print(made, "Created carrier " + cell(made, "id") + " (" + cell(made, "name") +
                                   "), LiveKit " + cell(made, "lk_sync_status") + "\n");
}

}  // namespace

command const carriers_create{
    "carriers",
    "create",
    "Create a carrier",
    "echo '{\"name\":\"Main\",\"sip_address\":\"sip.example.com\"}' | cxb carriers create -",
    parameters,
    &run};

}  // namespace cxb::cli
