#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/did_members.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"NUMBER", "As +918012345678", parameter_kind::argument, true}, did_label, did_bot, did_flow};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto body, did_members(args));
    body["number"] = args.text("NUMBER");
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/integrations/exotel/dids";
    call.body = wire::to_text(body);
    CXB_TRY(auto const made, context.ask_object(std::move(call)));
    return context.print(made, "Added " + args.text("NUMBER") + ", id " + cell(made, "id") +
                                   "\nExotel streams to " + cell(made, "websocket_url") + "\n");
}

}  // namespace

command const exotel_add_did{"exotel",
                             "add-did",
                             "Add a number that Exotel answers",
                             "cxb exotel add-did +918012345678 --bot 65f000000000000000000001",
                             parameters,
                             &run};

}  // namespace cxb::cli
