#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

// What people look for: is all well, and where not.
std::string told(wire::json_object const& status) {
    std::string text =
        "version     " + cell(status, "version") + "\nstarted at  " +
        readable_time(wire::text_at(status, "started_at")) + " UTC\nstore       " +
        (wire::bool_at(status, "store.ok") ? "ok" : "failing: " + cell(status, "store.detail")) +
        "\nfleet       " + cell(status, "fleet.hosts") + " hosts, running " +
        cell(status, "fleet.active_calls") + ", free " + cell(status, "fleet.available") + "\n";
    wire::json_array jobs;
    if (auto const* kinds = status.if_contains("jobs"); kinds != nullptr && kinds->is_object())
        for (auto const& kind : kinds->get_object()) {
            if (!kind.value().is_object()) continue;
            auto row = kind.value().get_object();
            row["kind"] = kind.key();
            jobs.push_back(std::move(row));
        }
    if (!jobs.empty())
        text +=
            "\n" +
            format_rows(
                jobs,
                {{"JOBS", "kind"}, {"QUEUED", "queued"}, {"RUNNING", "running"}, {"DEAD", "dead"}});
    auto const* loops = status.if_contains("loops");
    if (loops != nullptr && loops->is_array() && !loops->get_array().empty())
        text += "\n" + format_rows(loops->get_array(), {{"LOOP", "name"},
                                                        {"OWNER", "owner"},
                                                        {"LAST RUN (UTC)", "last_run", true},
                                                        {"ERROR", "last_error"}});
    return text;
}

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const status, context.ask_object({.target = "/api/v1/ops/status"}));
    return context.print(status, told(status));
}

}  // namespace

command const ops_status{
    "ops", "status", "Show loops, waiting jobs, store and fleet", "cxb ops status", {}, &run};

}  // namespace cxb::cli
