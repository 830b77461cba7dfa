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

}  // namespace cxb::cli
