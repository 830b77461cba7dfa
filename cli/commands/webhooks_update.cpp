#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"ENDPOINT", "Id of the endpoint", parameter_kind::argument, true},
    {"FILE", "JSON of the members to change, - for standard input", parameter_kind::argument,
     true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "PATCH";
    call.target = target_of("/api/v1/webhook-endpoints/", context.args().text("ENDPOINT"));
    call.body = wire::to_text(sent);
    CXB_TRY(auto const changed, context.ask_object(std::move(call)));
    return context.print(changed, "Changed webhook endpoint " + cell(changed, "id") + "\n");
}

}  // namespace

command const webhooks_update{
    "webhooks",
    "update",
    "Change URL, types, state or description of a webhook endpoint",
    "echo '{\"is_active\":true}' | cxb webhooks update 65f000000000000000000003 -",
    parameters,
    &run};

}  // namespace cxb::cli
