#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"URL", "Where it is posted", parameter_kind::argument, true},
    {"--type", "call.completed, ...; repeat for more; everything when left out",
     parameter_kind::list},
    {"--description", "What it is for"}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    wire::json_object body{{"url", args.text("URL")}};
    auto const types = args.list("--type");
    if (!types.empty()) body["types"] = wire::json_array(types.begin(), types.end());
    if (args.has("--description")) body["description"] = args.text("--description");
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/webhook-endpoints";
    call.body = wire::to_text(body);
    CXB_TRY(auto const made, context.ask_object(std::move(call)));
    return context.print(made, "Created webhook endpoint " + cell(made, "id") +
                                   ". Its signing secret is shown only now:\n" +
                                   cell(made, "secret") + "\n");
}

}  // namespace

command const webhooks_create{
    "webhooks",
    "create",
    "Create a webhook endpoint and show its signing secret once",
    "cxb webhooks create https://crm.example.com/hook --type call.completed",
    parameters,
    &run};

}  // namespace cxb::cli
