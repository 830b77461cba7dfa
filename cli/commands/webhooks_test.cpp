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
    call.target = target_of("/api/v1/webhook-endpoints/", context.args().text("ENDPOINT"), "/test");
    CXB_TRY(auto const told, context.ask_object(std::move(call)));
    auto const status = wire::int_at(told, "status");
    auto const after = " after " + cell(told, "ms") + " ms\n";
    context.print(told, status == 0 ? "Not reached: " + cell(told, "error") + after
                                    : "Answered " + std::to_string(status) + after);
    return status >= 200 && status < 300 ? exit_code::done : exit_code::failed;
}

}  // namespace

command const webhooks_test{"webhooks",
                            "test",
                            "Send webhook.test now and show what was answered",
                            "cxb webhooks test 65f000000000000000000003",
                            parameters,
                            &run};

}  // namespace cxb::cli
