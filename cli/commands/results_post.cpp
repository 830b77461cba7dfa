#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"FILE", "JSON of the result, - for standard input", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/call-results";
    CXB_TRY(call.body, context.read_input(context.args().text("FILE")));
    call.use_secret = true;
    call.repeatable = true;
    CXB_TRY(auto const ack, context.ask_object(std::move(call)));
    return context.print(ack, format_object(ack));
}

}  // namespace

command const results_post{"results",
                           "post",
                           "Post a call result as a worker does; needs CXB_CORE_SECRET",
                           "cxb results post result.json",
                           parameters,
                           &run};

}  // namespace cxb::cli
