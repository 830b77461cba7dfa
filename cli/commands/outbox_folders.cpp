#include "cli/commands/outbox_folders.hpp"

#include <algorithm>

namespace cxb::cli {
namespace {

namespace fs = std::filesystem;

fs::path outbox_root(command_context const& context) {
    if (context.args().has("--dir")) return context.args().text("--dir");
    for (auto const* name : {"CXB_CORE_OUTBOX_DIR", "CXB_OUTBOX_DIR"})
        if (auto const set = context.environment(name); !set.empty()) return set;
    return "/var/lib/cxb/outbox";
}

}  // namespace

result<std::vector<found_entry>> dead_entries(command_context const& context) {
    auto const root = outbox_root(context);
    std::error_code fault;
    std::vector<fs::path> folders;
    for (fs::directory_iterator at(root, fault), end; !fault && at != end; at.increment(fault))
        if (at->is_directory(fault)) folders.push_back(at->path());
    if (fault)
        return usage_error("Cannot read " + root.string() +
                           "; name the outbox with --dir or CXB_OUTBOX_DIR");
    std::sort(folders.begin(), folders.end());
    std::vector<found_entry> out;
    for (auto const& folder : folders)
        for (auto& entry : worker::list_dead(folder))
            out.push_back({folder, std::move(entry)});
    return out;
}

result<std::vector<found_entry>> chosen_entries(command_context const& context) {
    auto const names = context.args().list("ENTRY");
    bool const all = context.args().has("--all");
    if (names.empty() != all) return usage_error("Name entries, or say --all");
    CXB_TRY(auto found, dead_entries(context));
    if (all) return found;
    for (auto const& name : names)
        if (std::none_of(found.begin(), found.end(),
                         [&](found_entry const& one) { return one.entry.name == name; }))
            return error{errc::not_found,
                         "There is no dead entry '" + name + "'. List them: cxb outbox list"};
    std::erase_if(found, [&](found_entry const& one) {
        return std::find(names.begin(), names.end(), one.entry.name) == names.end();
    });
    return found;
}

}  // namespace cxb::cli
