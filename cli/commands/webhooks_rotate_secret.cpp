#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"ENDPOINT", "Id of the endpoint", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.method = "POST";
    call.target =
        target_of("/api/v1/webhook-endpoints/", context.args().text("ENDPOINT"), "/rotate-secret");
    CXB_TRY(auto const answer, context.ask_object(std::move(call)));
    return context.print(answer, "New signing secret, shown only now: " + cell(answer, "secret") +
                                     "\nThe old one signs along until it ends.\n");
}

}  // namespace

command const webhooks_rotate_secret{"webhooks",
                                     "rotate-secret",
                                     "Make a new secret that signs for a webhook endpoint",
                                     "cxb webhooks rotate-secret 65f000000000000000000003",
                                     parameters,
                                     &run};

}  // namespace cxb::cli
