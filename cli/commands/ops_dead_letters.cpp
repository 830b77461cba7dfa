#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"ACTION", "retry", parameter_kind::argument, true},
    {"--kind", "crm_push, webhook, ...", parameter_kind::value, true},
    {"--from", "Created at or after, RFC 3339", parameter_kind::value, true},
    {"--to", "Created before, RFC 3339", parameter_kind::value, true},
    {"--bot", "Only those of this bot"}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    if (args.text("ACTION") != "retry") return usage_error("ACTION must be retry");
    wire::json_object body{
        {"kind", args.text("--kind")}, {"from", args.text("--from")}, {"to", args.text("--to")}};
    if (args.has("--bot")) body["bot_id"] = args.text("--bot");
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/ops/dead-letters/retry";
    call.body = wire::to_text(body);
    CXB_TRY(auto const done, context.ask_object(std::move(call)));
    return context.print(done, "Queued " + cell(done, "queued") + " jobs again\n");
}

}  // namespace

command const ops_dead_letters{
    "ops",
    "dead-letters",
    "Queue the dead jobs of a kind and a range again",
    "cxb ops dead-letters retry --kind crm_push --from 2026-01-01T00:00:00Z "
    "--to 2026-01-02T00:00:00Z",
    parameters,
    &run};

}  // namespace cxb::cli
