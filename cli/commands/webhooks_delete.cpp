#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"ENDPOINT", "Id of the endpoint", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const id = context.args().text("ENDPOINT");
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/webhook-endpoints/", id);
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Deleted webhook endpoint " + id + "\n");
}

}  // namespace

command const webhooks_delete{"webhooks",
                              "delete",
                              "Delete a webhook endpoint",
                              "cxb webhooks delete 65f000000000000000000003",
                              parameters,
                              &run};

}  // namespace cxb::cli
