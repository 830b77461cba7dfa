// cxb-api: the control plane. Commands: serve (default), check-config, bootstrap-admin,
// reset-password, backup, rotate-secrets-key, openapi.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "cxb/version.hpp"
#include "server/api/app/api_app.hpp"
#include "server/api/app/commands.hpp"

namespace {

CLI::App* add_rotation(CLI::App& app, cxb::api::command_options& options) {
    auto* const rotate = app.add_subcommand(
        "rotate-secrets-key", "Seal every stored secret with secrets.key, also while cxb-api runs");
    rotate->fallthrough();
    rotate->add_flag("--json", options.json, "Report as one JSON object");
    rotate->footer(
        "Example: cxb-api rotate-secrets-key --config /etc/cxb/cxb.yaml\n"
        "1. Give all processes the new key as secrets.key, the old one as secrets.key_previous.\n"
        "2. Run this until it reports no fault. It may be stopped and repeated.\n"
        "3. Take secrets.key_previous away. Backups made before still need it.\n"
        "Exit: 0 done, 1 a secret is opened by no key, 69 no store, 78 settings.");
    return rotate;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace cxb;
    // A password hash takes 19 MiB for 30 ms: such blocks go back to the system at once, and few
    // arenas keep an idle process small.
    constexpr int big_block = 1024 * 1024;
    constexpr int arenas = 2;
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread yet
    ::mallopt(M_MMAP_THRESHOLD, big_block);
    ::mallopt(M_ARENA_MAX, arenas);
    // NOLINTEND(concurrency-mt-unsafe)
    CLI::App app{"CX Bridge control plane"};
    app.set_version_flag("--version", version_string);
    app.footer("Example: cxb-api serve --config /etc/cxb/cxb.yaml --ready-file /run/cxb/api.json");
    api::command_options options;
    app.add_option("--config", options.config, "Settings file (yaml)");
    app.add_option("--ready-file", options.ready_file,
                   "Written once ready: {\"pid\",\"url\"}; removed at exit");
    auto* const serve = app.add_subcommand("serve", "Run the server (default)");
    serve->fallthrough();
    auto* const check = app.add_subcommand("check-config", "Print all faults of the settings");
    check->fallthrough();
    auto* const bootstrap = app.add_subcommand(
        "bootstrap-admin", "Create the first admin; password from standard input");
    bootstrap->fallthrough();
    bootstrap->add_option("--email", options.email, "Email of the admin")->required();
    auto* const reset =
        app.add_subcommand("reset-password", "Set a user's password from standard input");
    reset->fallthrough();
    reset->add_option("--email", options.email, "Email of the user")->required();
    reset->footer(
        "Example: printf '%s\\n' \"$NEW_PASSWORD\" | cxb-api reset-password --email "
        "admin@example.com\n"
        "Works on the store directly, also while cxb-api runs. All sessions of the user end.\n"
        "Exit: 0 done, 1 unknown email or password against the rules, 78 settings.");
    auto* const backup = app.add_subcommand(
        "backup", "Copy the embedded store to a new file, also while cxb-api runs");
    backup->fallthrough();
    backup->add_option("--to", options.backup_to, "File to make; must not exist")->required();
    backup->add_flag("--json", options.json, "Report as one JSON object");
    backup->footer(
        "Example: cxb-api backup --config /etc/cxb/cxb.yaml --to /var/backups/cxb-$(date +%F).db\n"
        "The copy is the store at one moment, checked and on disk before it has its name.\n"
        "To put it back: stop all processes, move cxb.db, cxb.db-wal and cxb.db-shm away, copy "
        "the\n"
        "backup to cxb.db, start. Recordings (objects) are not part of it.\n"
        "Exit: 0 done, 1 not written, 65 the store is damaged, 69 no store there, 78 settings.");
    auto const* const rotate = add_rotation(app, options);
    auto* const openapi = app.add_subcommand("openapi", "Print the OpenAPI document");
    app.require_subcommand(0, 1);
    CLI11_PARSE(app, argc, argv);
    try {
        if (*check) return api::run_check_config(options);
        if (*bootstrap) return api::run_bootstrap_admin(options);
        if (*reset) return api::run_reset_password(options);
        if (*backup) return api::run_backup(options);
        if (*rotate) return api::run_rotate_secrets_key(options);
        if (*openapi) return api::run_openapi();
        return api::run_serve(options);
    } catch (std::exception const& bug) {
        std::cerr << "cxb-api: " << bug.what() << '\n';
        return 70;
    }
}
