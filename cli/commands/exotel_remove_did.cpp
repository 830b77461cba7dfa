#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"DID", "Id of the number", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const id = context.args().text("DID");
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/integrations/exotel/dids/", id);
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Removed number " + id + "\n");
}

}  // namespace

command const exotel_remove_did{"exotel",
                                "remove-did",
                                "Remove one of Exotel's numbers",
                                "cxb exotel remove-did 65f000000000000000000005",
                                parameters,
                                &run};

}  // namespace cxb::cli
