#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/commands/local_installation.hpp"
#include "server/common/backup/restore_backup.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--from", "Folder of the backup", parameter_kind::value, true},
    data_dir_option,
    config_option,
    {"--check", "Only look whether the backup is whole", parameter_kind::flag}};

using server::backup::backup_manifest;

wire::json_object document_of(command_context const& context, backup_manifest const& made) {
    auto document = server::backup::to_json(made);
    document["folder"] = context.args().text("--from");
    return document;
}

// What the operator has to do himself before and after the next start.
std::vector<std::string> next_steps(local_installation const& here, backup_manifest const& made) {
    std::vector<std::string> steps;
    auto const& keys = made.sealed_with;
    if (!keys.empty() && std::find(keys.begin(), keys.end(), here.key_id) == keys.end()) {
        std::string ids;
        for (auto const& one : keys)
            ids += ' ' + one;
        steps.push_back("Set secrets.key to the key of this backup, id" + ids +
                        "; with another one cxb-api does not start.");
    }
    steps.emplace_back(
        "Set jwt.secret and core.secret as they were: with others everybody signs in anew and "
        "workers are refused.");
    if (made.objects_kept_in == "bucket")
        steps.emplace_back("Recordings were in a bucket: objects.url must name it again.");
    steps.emplace_back("Start cxb-api. The first start reads the store through.");
    steps.emplace_back("Check it: cxb doctor. What came after " + made.started_at +
                       " is not there; redact again what was redacted since.");
    return steps;
}

result<exit_code> check_only(command_context& context) {
    auto const made =
        server::backup::verify_backup(context.args().text("--from"), told_progress(context));
    if (!made) return with_reason_shown(made.error());
    CXB_CHECK(server::backup::check_version(*made));
    return context.print(document_of(context, *made),
                         "The backup of " + made->started_at + " is whole\n");
}

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    bool const target = args.has("--data-dir") || args.has("--config");
    if (args.has("--check") == target)
        return usage_error("Say where to: --data-dir or --config; or only --check");
    if (args.has("--check")) return check_only(context);
    CXB_TRY(auto const here, find_installation(context));
    if (!here.store)
        return error{errc::conflict,
                     "store.url names a server; restore that with its own tools (mongorestore)"}
            .with_reason("server_store");
    auto const made = server::backup::restore_backup({.from = args.text("--from"),
                                                      .data_dir = here.data_dir,
                                                      .store = *here.store,
                                                      .objects = here.objects,
                                                      .on_step = told_progress(context)});
    if (!made) return with_reason_shown(made.error());
    auto const steps = next_steps(here, *made);
    auto document = document_of(context, *made);
    document["data_dir"] = here.data_dir.string();
    document["next"] = wire::json_array(steps.begin(), steps.end());
    std::string text = "Restored the backup of " + made->started_at + " to " +
                       here.data_dir.string() + ": store " + readable_size(made->store_bytes) +
                       ", " + std::to_string(made->objects) + " recordings\nNext\n";
    for (auto const& step : steps)
        text += "- " + step + '\n';
    return context.print(document, text);
}

}  // namespace

command const restore{"restore",
                      "",
                      "Put a backup into an empty installation that is stopped",
                      "cxb restore --from /backup/cxb-2026-01-31 --data-dir /var/lib/cxb-api/data",
                      parameters,
                      &run};

}  // namespace cxb::cli
