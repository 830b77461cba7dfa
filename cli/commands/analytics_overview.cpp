#include "cli/commands/analytics_query.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {analytics_from, analytics_to, analytics_bot, analytics_campaign,
                                    analytics_zone};

struct line {
    std::string_view name;
    std::string_view path;
};
constexpr line lines[] = {
    {"Calls", "calls.total"},           {"active", "calls.active"},
    {"completed", "calls.completed"},   {"failed", "calls.failed"},
    {"voicemail", "calls.voicemail"},   {"inbound", "calls.inbound"},
    {"outbound", "calls.outbound"},     {"Connected", "connected"},
    {"Connect rate %", "connect_rate"}, {"Average seconds", "avg_duration_seconds"},
    {"Talk seconds", "talk_seconds"},   {"Transferred", "transferred"},
    {"Pushes queued", "pushes.queued"}, {"Pushes delivered", "pushes.delivered"},
    {"Pushes dead", "pushes.dead"}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const answer, ask_analytics(context, "overview"));
    wire::json_object const counts = answer.is_object() ? answer.get_object() : wire::json_object{};
    wire::json_object before;
    if (auto const* found = counts.if_contains("previous"); found != nullptr && found->is_object())
        before = found->get_object();
    std::vector<std::vector<std::string>> rows;
    for (auto const& [name, path] : lines)
        rows.push_back({std::string(name), cell(counts, path), cell(before, path)});
    std::string text = readable_time(wire::text_at(counts, "range.from")) + " to " +
                       readable_time(wire::text_at(counts, "range.to")) + " UTC\n" +
                       format_table({"", "NOW", "BEFORE"}, rows);
    text += "Fleet: capacity " + cell(counts, "fleet.total_capacity") + ", running " +
            cell(counts, "fleet.active_calls") + ", free " + cell(counts, "fleet.available") + "\n";
    return context.print(answer, text);
}

}  // namespace

command const analytics_overview{
    "analytics",
    "overview",
    "Calls and pushes at a glance, beside the range before",
    "cxb analytics overview --bot 65f000000000000000000001 --tz Asia/Kolkata",
    parameters,
    &run};

}  // namespace cxb::cli
