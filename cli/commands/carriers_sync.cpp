#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/carriers/", context.args().text("CARRIER"), "/sync");
    CXB_TRY(auto const carrier, context.ask_object(std::move(call)));
    std::string text =
        "Carrier " + cell(carrier, "id") + ": LiveKit " + cell(carrier, "lk_sync_status");
    if (auto const why = wire::text_at(carrier, "lk_sync_error"); !why.empty())
        text += ", " + std::string(why);
    context.print(carrier, text + "\n");
    return wire::text_at(carrier, "lk_sync_status") == "error" ? exit_code::failed
                                                               : exit_code::done;
}

}  // namespace

command const carriers_sync{"carriers",
                            "sync",
                            "Bring trunks and dispatch rule of a carrier to LiveKit now",
                            "cxb carriers sync 65f000000000000000000004",
                            parameters,
                            &run};

}  // namespace cxb::cli
