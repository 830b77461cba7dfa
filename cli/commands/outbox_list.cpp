#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/outbox_folders.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {outbox_option};

wire::json_object shown(found_entry const& found) {
    auto const& death = found.entry.death;
    wire::json_object row{{"worker", found.folder.filename().string()},
                          {"name", found.entry.name},
                          {"reason", death.reason},
                          {"status", death.status},
                          {"detail", death.detail},
                          {"errors", wire::json_array(death.errors.begin(), death.errors.end())},
                          {"died_at", format_timestamp(death.at)}};
    if (found.entry.header) {
        row["id"] = found.entry.header->id;
        row["session_id"] = found.entry.header->session_id;
    }
    return row;
}

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const found, dead_entries(context));
    wire::json_array rows;
    for (auto const& one : found)
        rows.push_back(shown(one));
    auto const text = format_rows(rows, {{"WORKER", "worker"},
                                         {"ENTRY", "name"},
                                         {"DIED (UTC)", "died_at", true},
                                         {"REASON", "reason"},
                                         {"STATUS", "status"},
                                         {"DETAIL", "detail"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const outbox_list{"outbox",
                          "list",
                          "Results that could not be delivered",
                          "cxb outbox list --dir /var/lib/cxb-core/outbox",
                          parameters,
                          &run};

}  // namespace cxb::cli
