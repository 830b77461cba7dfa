#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/did_members.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true},
    {"NUMBER", "As +918012345678", parameter_kind::argument, true},
    did_label,
    did_direction,
    did_bot};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto body, did_members(args));
    body["number"] = args.text("NUMBER");
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/carriers/", args.text("CARRIER"), "/dids");
    call.body = wire::to_text(body);
    CXB_TRY(auto const made, context.ask_object(std::move(call)));
    return context.print(made, "Added " + args.text("NUMBER") + " to carrier " +
                                   args.text("CARRIER") + ", id " + cell(made, "id") + "\n");
}

}  // namespace

command const dids_add{"dids",
                       "add",
                       "Add a number to a carrier",
                       "cxb dids add 65f000000000000000000004 +918012345678 --bot 65f0…",
                       parameters,
                       &run};

}  // namespace cxb::cli
