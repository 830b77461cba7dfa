#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

// Key and token come by a file: anyone on the machine reads command lines.
constexpr parameter parameters[] = {{"FILE", "JSON of the members to change, - for standard input",
                                     parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "PUT";
    call.target = "/api/v1/integrations/exotel";
    call.body = wire::to_text(sent);
    CXB_TRY(auto const changed, context.ask_object(std::move(call)));
    return context.print(changed, "Exotel is " + cell(changed, "status") + "\n");
}

}  // namespace

command const exotel_set{"exotel",
                         "set",
                         "Set account_sid, api_key, api_token or api_base_url; absent ones stay",
                         "cxb exotel set exotel.json",
                         parameters,
                         &run};

}  // namespace cxb::cli
