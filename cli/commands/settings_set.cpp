#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BLOCK", "Its path below /api/v1/settings, as minio or api-keys", parameter_kind::argument,
     true},
    {"FILE", "JSON of the members to change, - for standard input", parameter_kind::argument,
     true}};

result<exit_code> run(command_context& context) {
    auto const block = context.args().text("BLOCK");
    CXB_TRY(auto const sent, context.read_object(context.args().text("FILE")));
    remote_call call;
    call.method = "PUT";
    call.target = target_of("/api/v1/settings/", block);
    call.body = wire::to_text(sent);
    CXB_TRY(auto const settings, context.ask_object(std::move(call)));
    return context.print(settings, "Changed " + block + ", the settings now have version " +
                                       cell(settings, "version") + "\n");
}

}  // namespace

command const settings_set{
    "settings",
    "set",
    "Change members of a block; others stay",
    "echo '{\"endpoint\":\"s3:9000\",\"bucket\":\"calls\"}' | cxb settings set minio -",
    parameters,
    &run};

}  // namespace cxb::cli
