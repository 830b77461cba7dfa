#include "cli/commands/analytics_query.hpp"

namespace cxb::cli {

result<wire::json_value> ask_analytics(
    command_context& context, std::string_view what,
    std::initializer_list<std::pair<std::string_view, char const*>> more) {
    wire::query_list query;
    auto const take = [&](std::string_view option, char const* name) {
        if (context.args().has(option)) query.add(name, context.args().text(option));
    };
    take("--bot", "bot_id");
    take("--campaign", "campaign_id");
    take("--from", "from");
    take("--to", "to");
    take("--tz", "tz");
    for (auto const& [option, name] : more)
        take(option, name);
    std::string target = "/api/v1/analytics/" + std::string(what);
    if (auto const text = query.to_text(); !text.empty()) target += "?" + text;
    return context.get(std::move(target));
}

wire::json_array analytics_rows(wire::json_value const& answer) {
    return answer.is_array() ? answer.get_array() : wire::json_array{};
}

}  // namespace cxb::cli
