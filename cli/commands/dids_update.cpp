#include "cli/commands/commands.hpp"
#include "cli/commands/did_members.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true},
    {"DID", "Id of the number", parameter_kind::argument, true},
    {"--number", "Another number"},
    did_label,
    did_direction,
    did_bot,
    did_no_bot};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    return change_did(context, target_of("/api/v1/carriers/", args.text("CARRIER"), "/dids/") +
                                   target_of("", args.text("DID")));
}

}  // namespace

command const dids_update{"dids",
                          "update",
                          "Change a number of a carrier",
                          "cxb dids update 65f000000000000000000004 65f000000000000000000005 --bot "
                          "65f000000000000000000001",
                          parameters,
                          &run};

}  // namespace cxb::cli
