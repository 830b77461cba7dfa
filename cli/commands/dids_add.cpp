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

// The answer is the carrier with all its numbers; the new one, perhaps in another form than it was
// typed in, is the last.
std::string new_id(wire::json_object const& carrier) {
    auto const* dids = carrier.if_contains("dids");
    if (dids == nullptr || !dids->is_array() || dids->get_array().empty()) return "-";
    auto const& last = dids->get_array().back();
    return last.is_object() ? cell(last.get_object(), "id") : "-";
}

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
                                   args.text("CARRIER") + ", id " + new_id(made) + "\n");
}

}  // namespace

command const dids_add{
    "dids",
    "add",
    "Add a number to a carrier",
    "cxb dids add 65f000000000000000000004 +918012345678 --bot 65f000000000000000000001",
    parameters,
    &run};

}  // namespace cxb::cli
