#include "cli/commands/commands.hpp"
#include "cli/commands/local_installation.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--to", "Folder to make; must not exist", parameter_kind::value, true},
    data_dir_option,
    config_option};

std::string joined(std::vector<std::string> const& texts) {
    std::string out;
    for (auto const& one : texts)
        out += (out.empty() ? "" : ", ") + one;
    return out;
}

std::string told(std::string const& to, server::backup::backup_manifest const& made) {
    std::string text = "Backup " + to + ": store " + readable_size(made.store_bytes);
    if (made.objects_kept_in == "folder")
        text += ", " + std::to_string(made.objects) + " recordings " +
                readable_size(made.objects_bytes);
    text += "\n";
    if (made.objects_kept_in == "bucket")
        text += "Recordings lie in a bucket and are not in it; save them there.\n";
    if (made.sealed_with.empty()) return text + "No secret in it is sealed: keep it as one.\n";
    return text + "Its secrets are sealed by secrets.key " + joined(made.sealed_with) +
           ", which is not in it. Without that key they are lost: keep it in another place.\n";
}

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const here, find_installation(context));
    if (!here.store)
        return error{errc::conflict,
                     "store.url names a server; copy that with its own tools (mongodump)"}
            .with_reason("server_store");
    auto const to = context.args().text("--to");
    auto const made = server::backup::make_backup({.store = *here.store,
                                                   .objects = here.objects,
                                                   .to = to,
                                                   .settings = here.settings,
                                                   .time = context.around().time,
                                                   .on_step = told_progress(context)});
    if (!made) return with_reason_shown(made.error());
    auto document = server::backup::to_json(*made);
    document["folder"] = to;
    return context.print(document, told(to, *made));
}

}  // namespace

command const backup{"backup",
                     "",
                     "Copy the store and the recordings of a running installation to a new folder",
                     "cxb backup --to /backup/cxb-2026-01-31 --data-dir /var/lib/cxb-api/data",
                     parameters,
                     &run};

}  // namespace cxb::cli
