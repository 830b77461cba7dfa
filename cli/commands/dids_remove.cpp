#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true},
    {"DID", "Id of the number", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    remote_call call;
    call.method = "DELETE";
    call.target = target_of("/api/v1/carriers/", args.text("CARRIER"), "/dids/") +
                  target_of("", args.text("DID"));
    CXB_TRY(auto const done, context.ask(std::move(call)));
    return context.print(done, "Removed number " + args.text("DID") + "\n");
}

}  // namespace

command const dids_remove{"dids",
                          "remove",
                          "Remove a number from a carrier",
                          "cxb dids remove 65f000000000000000000004 65f000000000000000000005",
                          parameters,
                          &run};

}  // namespace cxb::cli
