#include "cli/commands/commands.hpp"
#include "cli/commands/did_members.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"DID", "Id of the number", parameter_kind::argument, true},
                                    did_label,
                                    did_bot,
                                    did_no_bot,
                                    did_flow};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    return change_did(context, target_of("/api/v1/integrations/exotel/dids/", args.text("DID")));
}

}  // namespace

command const exotel_update_did{"exotel",
                                "update-did",
                                "Change label, bot or flow of Exotel's number",
                                "cxb exotel update-did 65f000000000000000000005 --no-bot",
                                parameters,
                                &run};

}  // namespace cxb::cli
