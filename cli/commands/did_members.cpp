#include "cli/commands/did_members.hpp"

namespace cxb::cli {

result<wire::json_object> did_members(arguments const& args) {
    constexpr std::pair<std::string_view, std::string_view> members[] = {
        {"--number", "number"},
        {"--label", "label"},
        {"--direction", "direction"},
        {"--bot", "bot_id"},
        {"--flow-url", "flow_url"}};
    if (args.has("--bot") && args.has("--no-bot"))
        return usage_error("Say --bot or --no-bot, not both");
    wire::json_object out;
    for (auto const& [option, member] : members)
        if (args.has(option)) out[member] = args.text(option);
    if (args.has("--no-bot")) out["bot_id"] = "";
    return out;
}

result<exit_code> change_did(command_context& context, std::string target) {
    auto const& args = context.args();
    CXB_TRY(auto const body, did_members(args));
    if (body.empty()) return usage_error("Say what to change, as --bot or --label");
    remote_call call;
    call.method = "PUT";
    call.target = std::move(target);
    call.body = wire::to_text(body);
    CXB_TRY(auto const changed, context.ask_object(std::move(call)));
    return context.print(changed, "Changed number " + args.text("DID") + "\n");
}

}  // namespace cxb::cli
