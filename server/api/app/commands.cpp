#include "server/api/app/commands.hpp"

#include <iostream>

#include "cxb/domain/secret_box.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "server/api/app/api_parts.hpp"
#include "server/common/process/exit_code.hpp"
#include "server/common/process/ready_file.hpp"
#include "server/common/settings/setting_rules.hpp"
#include "src/store/sqlite/backup.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using server::exit_code;
using server::to_int;

constexpr std::chrono::seconds between_progress{5};

// Faults and warnings go to standard error, one line each; they hold no values.
std::optional<server::api_settings> checked(command_options const& options) {
    auto found = server::load_api_settings(
        {.config_path = options.config, .environment = server::process_environment()});
    for (auto const& line : found.warnings)
        std::cerr << "warning: " << line << '\n';
    std::cerr << server::problem_text(found.problems);
    return std::move(found.settings);
}

int report(char const* what, error const& cause, exit_code code) {
    std::cerr << "cxb-api: " << what << ": " << cause.to_log_text() << '\n';
    return to_int(code);
}

exit_code backup_exit(error const& cause) {
    switch (cause.code()) {
        case errc::corrupt_data:
            return exit_code::damaged;
        case errc::unavailable:
        case errc::not_found:
            return exit_code::unavailable;
        default:
            return exit_code::failed;
    }
}

// A secret that no key opens is most likely a wrong key, not a damaged store.
exit_code start_exit(error const& cause) {
    bool const sealed =
        cause.reason() == domain::secret_key_unknown || cause.reason() == domain::secret_damaged;
    if (sealed || cause.code() == errc::invalid) return exit_code::bad_settings;
    return cause.code() == errc::corrupt_data ? exit_code::damaged : exit_code::unavailable;
}

wire::json_object rotation_report(std::vector<rotated_collection> const& found) {
    wire::json_object out;
    for (auto const& one : found)
        out[one.name] = {{"rows", one.rows},
                         {"changed", one.changed},
                         {"sealed", one.secrets},
                         {"current", one.current},
                         {"faults", wire::json_array(one.faults.begin(), one.faults.end())}};
    return out;
}

void print_backup(command_options const& options, store::backup_report const& made) {
    std::chrono::duration<double> const took = made.took;
    if (options.json) {
        std::cout << wire::to_text(wire::json_object{{"file", options.backup_to},
                                                     {"bytes", made.bytes},
                                                     {"pages", made.pages},
                                                     {"seconds", took.count()},
                                                     {"checked", true}})
                  << '\n';
        return;
    }
    std::cout << options.backup_to << ": " << made.bytes << " bytes, checked, in " << took.count()
              << " s\n";
}

secret password_from_input() {
    std::string line;
    std::getline(std::cin, line);
    return secret(std::move(line));
}

}  // namespace

int run_check_config(command_options const& options) {
    if (!checked(options)) return to_int(exit_code::bad_settings);
    std::cout << "settings are in order\n";
    return to_int(exit_code::done);
}

int run_openapi() {
    std::cout << api_openapi() << '\n';
    return to_int(exit_code::done);
}

int run_serve(command_options const& options) {
    auto settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    if (auto const folder = server::prepare_folder(settings->data_dir); !folder)
        return report("data_dir", folder.error(), exit_code::cannot_create);
    api_app app(*std::move(settings));
    if (auto const started = app.start(); !started) {
        return report("cannot start", started.error(), start_exit(started.error()));
    }
    {
        auto const ready = server::ready_file::write(options.ready_file, app.url());
        if (!ready) return report("ready file", ready.error(), exit_code::cannot_create);
        app.wait_for_stop([&options] { return checked(options); });
    }
    app.stop();
    return to_int(exit_code::done);
}

int run_backup(command_options const& options) {
    auto const settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    auto const path = store::sqlite_path(settings->store.url);
    if (!path) {
        std::cerr << "cxb-api: backup: store.url names a server; use its own tools (mongodump)\n";
        return to_int(exit_code::failed);
    }
    auto next = std::chrono::steady_clock::now() + between_progress;
    auto const progress = [&next](std::int64_t done, std::int64_t all) {
        if (auto const now = std::chrono::steady_clock::now(); now >= next && all > 0) {
            next = now + between_progress;
            std::cerr << "copied " << done * 100 / all << " %\n";
        }
        return true;
    };
    auto const made =
        store::backup_sqlite({.from = *path, .to = options.backup_to, .on_progress = progress});
    if (!made) return report("backup", made.error(), backup_exit(made.error()));
    print_backup(options, *made);
    return to_int(exit_code::done);
}

int run_rotate_secrets_key(command_options const& options) {
    auto settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    api_app app(*std::move(settings));
    auto const found = app.rotate_secrets_key();
    if (!found)
        return report(
            "rotate-secrets-key", found.error(),
            found.error().code() == errc::conflict ? exit_code::failed : start_exit(found.error()));
    if (options.json) std::cout << wire::to_text(rotation_report(*found)) << '\n';
    bool whole = true;
    for (auto const& one : *found) {
        if (!options.json)
            std::cout << one.name << ": " << one.rows << " rows, " << one.secrets
                      << " secrets sealed in " << one.changed << " of them, " << one.current
                      << " were of this key\n";
        for (auto const& fault : one.faults)
            std::cerr << "cxb-api: " << fault << '\n';
        whole = whole && one.faults.empty();
    }
    return to_int(whole ? exit_code::done : exit_code::failed);
}

int run_bootstrap_admin(command_options const& options) {
    auto settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    if (auto const folder = server::prepare_folder(settings->data_dir); !folder)
        return report("data_dir", folder.error(), exit_code::cannot_create);
    settings->bootstrap.admin_email = options.email;
    settings->bootstrap.admin_password = password_from_input();
    api_app app(*std::move(settings));
    auto const made = app.create_first_admin();
    if (!made) return report("bootstrap-admin", made.error(), exit_code::failed);
    std::cout << (*made ? "admin created\n" : "an admin exists already, nothing changed\n");
    return to_int(*made ? exit_code::done : exit_code::failed);
}

int run_reset_password(command_options const& options) {
    auto settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    if (auto const folder = server::prepare_folder(settings->data_dir); !folder)
        return report("data_dir", folder.error(), exit_code::cannot_create);
    api_app app(*std::move(settings));
    if (auto const done = app.reset_password(options.email, password_from_input()); !done)
        return report("reset-password", done.error(), exit_code::failed);
    std::cout << "password set; all sessions of this user have ended\n";
    return to_int(exit_code::done);
}

}  // namespace cxb::api
