#include "server/api/app/commands.hpp"

#include <iostream>

#include "server/api/app/api_parts.hpp"
#include "server/common/process/exit_code.hpp"
#include "server/common/process/ready_file.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using server::exit_code;
using server::to_int;

// Faults and warnings go to standard error, one line each; they hold no values.
std::optional<server::api_settings> checked(command_options const& options) {
    auto found = server::load_api_settings(
        {.config_path = options.config, .environment = server::process_environment()});
    for (auto const& line : found.warnings)
        std::cerr << "warning: " << line << '\n';
    for (auto const& line : found.problems)
        std::cerr << line << '\n';
    return std::move(found.settings);
}

int report(char const* what, error const& cause, exit_code code) {
    std::cerr << "cxb-api: " << what << ": " << cause.to_log_text() << '\n';
    return to_int(code);
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
        bool const bad = started.error().code() == errc::invalid;
        return report("cannot start", started.error(),
                      bad ? exit_code::bad_settings : exit_code::unavailable);
    }
    {
        auto const ready = server::ready_file::write(options.ready_file, app.url());
        if (!ready) return report("ready file", ready.error(), exit_code::cannot_create);
        app.wait_for_stop([&options] { return checked(options); });
    }
    app.stop();
    return to_int(exit_code::done);
}

int run_bootstrap_admin(command_options const& options) {
    auto settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    if (auto const folder = server::prepare_folder(settings->data_dir); !folder)
        return report("data_dir", folder.error(), exit_code::cannot_create);
    std::string password;
    std::getline(std::cin, password);
    settings->bootstrap.admin_email = options.email;
    settings->bootstrap.admin_password = secret(std::move(password));
    api_app app(*std::move(settings));
    auto const made = app.create_first_admin();
    if (!made) return report("bootstrap-admin", made.error(), exit_code::failed);
    std::cout << (*made ? "admin created\n" : "an admin exists already, nothing changed\n");
    return to_int(*made ? exit_code::done : exit_code::failed);
}

}  // namespace cxb::api
