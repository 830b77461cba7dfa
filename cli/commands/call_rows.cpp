#include "cli/commands/call_rows.hpp"

namespace cxb::cli {

wire::query_list call_filters(arguments const& args) {
    constexpr std::pair<std::string_view, char const*> names[] = {{"--bot", "bot_id"},
                                                                  {"--status", "status"},
                                                                  {"--phone", "phone"},
                                                                  {"--from", "from"},
                                                                  {"--to", "to"}};
    wire::query_list query;
    for (auto const& [option, name] : names)
        if (args.has(option)) query.add(name, args.text(option));
    return query;
}

std::vector<column> call_columns() {
    return {{"SESSION", "session_id"},
            {"STARTED (UTC)", "created_at", true},
            {"BOT", "bot_name"},
            {"CALLER", "caller_id"},
            {"STATUS", "status"},
            {"ENDED BY", "disconnected_by"},
            {"SECONDS", "call_duration_seconds"},
            {"PUSH", "push_state"}};
}

}  // namespace cxb::cli
