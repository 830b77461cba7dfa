#include <algorithm>
#include <iostream>
#include <map>

#include "cli/app/listing.hpp"
#include "cli/commands/call_rows.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {bot_filter, status_filter, phone_filter};

constexpr std::chrono::milliseconds look_every{2000};
constexpr std::size_t looked_at = 100;
// In a row: a cxb-api that begins anew is back by then.
constexpr int most_failures = 30;

std::string line_of(wire::json_object const& call) {
    return readable_time(wire::text_at(call, "created_at")) + "  " + cell(call, "session_id") +
           "  " + cell(call, "bot_name") + "  " + cell(call, "caller_id") + "  " +
           cell(call, "status") + "  " + cell(call, "disconnected_by") + "  push " +
           cell(call, "push_state");
}

// Runs until it is interrupted, so with --json it prints one document a line.
result<exit_code> run(command_context& context) {
    std::map<std::string, std::string> told;
    auto const query = call_filters(context.args());
    bool first = true;
    int failures = 0;
    do {
        auto looked = fetch_items(context, "/api/v1/calls", query, looked_at);
        if (!looked) {
            bool const away = exit_code_of(looked.error()) == exit_code::unreachable;
            if (first || !away || ++failures > most_failures) return looked.error();
            context.err() << "no answer (" << looked.error().detail() << "), looking again"
                          << std::endl;
            continue;
        }
        failures = 0;
        auto rows = std::move(*looked);
        std::reverse(rows.begin(), rows.end());
        std::map<std::string, std::string> seen;
        for (auto const& row : rows) {
            if (!row.is_object()) continue;
            auto const& call = row.get_object();
            std::string const id(wire::text_at(call, "session_id"));
            std::string const line = line_of(call);
            auto const known = told.find(id);
            bool const news = known == told.end() || known->second != line;
            if (news && !(first && wire::text_at(call, "status") != "active"))
                context.out() << (context.json() ? wire::to_text(call) : line) << std::endl;
            if (!context.out()) return exit_code::done;
            seen[id] = line;
        }
        told = std::move(seen);
        first = false;
    } while (context.around().pause(look_every));
    return exit_code::done;
}

}  // namespace

command const calls_tail{"calls",
                         "tail",
                         "Follow calls as they start and change; --json gives a document a line",
                         "cxb calls tail --bot 65f000000000000000000001",
                         parameters,
                         &run};

}  // namespace cxb::cli
