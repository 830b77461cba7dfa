#include "cli/commands/commands.hpp"
#include "cli/commands/outbox_folders.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"ENTRY", "Names of dead entries", parameter_kind::argument, false, true},
    all_dead,
    outbox_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const chosen, chosen_entries(context));
    wire::json_array names;
    for (auto const& one : chosen) {
        CXB_CHECK(worker::drop_dead(one.folder, one.entry.name));
        names.emplace_back(one.entry.name);
    }
    std::string const text = "Deleted: " + std::to_string(names.size()) + "\n";
    return context.print(wire::json_object{{"entries", std::move(names)}}, text);
}

}  // namespace

command const outbox_drop{
    "outbox", "drop", "Delete dead entries for good", "cxb outbox drop --all", parameters, &run};

}  // namespace cxb::cli
