#include "cli/commands/user_members.hpp"

namespace cxb::cli {

wire::json_object user_members(arguments const& args) {
    constexpr std::pair<char const*, char const*> texts[] = {
        {"--name", "name"}, {"--role", "role"}, {"--primary-language", "agent_primary_language"}};
    constexpr std::pair<char const*, char const*> lists[] = {{"--language", "agent_languages"},
                                                             {"--skill", "agent_skills"}};
    wire::json_object out;
    for (auto const& [option, name] : texts)
        if (args.has(option)) out[name] = args.text(option);
    for (auto const& [option, name] : lists) {
        if (!args.has(option)) continue;
        auto const given = args.list(option);
        out[name] = wire::json_array(given.begin(), given.end());
    }
    return out;
}

}  // namespace cxb::cli
