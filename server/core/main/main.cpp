// cxb-core: the media worker. Commands: serve (default), worker, simulate, check-config.
#include <CLI/CLI.hpp>
#include <iostream>

#include "cxb/version.hpp"
#include "server/core/process/commands.hpp"

int main(int argc, char** argv) {
    using namespace cxb;
    CLI::App app{"CX Bridge media worker"};
    app.set_version_flag("--version", version_string);
    app.footer(
        "Example: cxb-core serve --config /etc/cxb/cxb.yaml --ready-file /run/cxb/core.json");
    core::command_options options;
    app.add_option("--config", options.config, "Settings file (yaml)");
    app.add_option("--ready-file", options.ready_file,
                   "Written once ready: {\"pid\",\"url\"}; removed at exit");
    auto* const serve = app.add_subcommand("serve", "Run supervisor, front and workers (default)");
    serve->fallthrough();
    auto* const worker = app.add_subcommand("worker", "Run one worker on its socket");
    worker->fallthrough();
    worker->add_option("--id", options.worker_id, "Id of the worker")->required();
    worker->add_option("--report-fd", options.report_fd, "Pipe to the supervisor");
    auto* const check = app.add_subcommand("check-config", "Print all faults of the settings");
    check->fallthrough();
    auto* const simulate = app.add_subcommand("simulate", "Run one simulated call");
    simulate->add_option("--config", options.config, "Runtime config (JSON file)");
    simulate->add_option("--bot-id", options.bot_id, "Bot whose config is fetched");
    simulate->add_option("--script", options.script, "Script of the far party");
    simulate->add_option("--seed", options.seed, "Seed of the call");
    simulate->add_flag("--fast", options.fast, "Virtual clock");
    simulate->add_option("--wav", options.wav, "Where the recording goes");
    simulate->add_flag("--json", options.json, "Print the result only");
    app.require_subcommand(0, 1);
    CLI11_PARSE(app, argc, argv);
    try {
        if (*check) return core::run_check_config(options);
        if (*worker) return core::run_worker(options);
        if (*simulate) return core::run_simulate(options);
        return core::run_serve(options);
    } catch (std::exception const& bug) {
        std::cerr << "cxb-core: " << bug.what() << '\n';
        return 70;
    }
}
