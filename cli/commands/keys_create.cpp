#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--name", "What the key is for", parameter_kind::value, true},
    {"--scope", "dialout, calls:read or contacts:write; repeat for more", parameter_kind::list},
    {"--bot", "Only this bot; repeat for more", parameter_kind::list},
    {"--expires", "RFC 3339 moment; never when left out"},
    {"--rate", "Requests per second, 1 to 200"}};

wire::json_array texts(std::vector<std::string> const& list) {
    return wire::json_array(list.begin(), list.end());
}

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    wire::json_object body{{"name", args.text("--name")}};
    if (args.has("--scope")) body["scopes"] = texts(args.list("--scope"));
    if (args.has("--bot")) body["bot_ids"] = texts(args.list("--bot"));
    if (args.has("--expires")) body["expires_at"] = args.text("--expires");
    if (args.has("--rate")) {
        CXB_TRY(body["rate_limit_per_second"], args.number("--rate", 10, 1, 200));
    }
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/api-keys";
    call.body = wire::to_text(body);
    CXB_TRY(auto const made, context.ask_object(std::move(call)));
    return context.print(made, "Created key " + cell(made, "id") + ". It is shown only now:\n" +
                                   cell(made, "key") + "\n");
}

}  // namespace

command const keys_create{"keys",
                          "create",
                          "Create an API key and show it once",
                          "cxb keys create --name crm --scope dialout",
                          parameters,
                          &run};

}  // namespace cxb::cli
