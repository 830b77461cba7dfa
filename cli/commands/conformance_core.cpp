#include <iostream>

#include "cli/commands/commands.hpp"
#include "cli/commands/conformance_run.hpp"
#include "cli/conformance/core_checks.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"URL", "Address of the Core", parameter_kind::argument, true},
    {"--run",
     "Command that starts the Core; the kit sets its environment, and may kill and "
     "restart it. Without it the environment is printed and the Core waited for"},
    {"--secret-env",
     "Variable that holds the core secret (default CXB_CORE_SECRET); the previous "
     "one is read from CXB_CORE_SECRET_PREVIOUS"},
    {"--listen",
     "HOST:PORT of the kit's control plane, within reach of the Core "
     "(127.0.0.1:8090; with --run any free port)"},
    {"--config", "JSON object laid over the config of every call, e.g. provider blocks"},
    {"--only", "Run these checks only, e.g. C01,C09", parameter_kind::list},
    {"--skip", "Leave these checks out", parameter_kind::list},
    {"--report", "text, json or junit"},
    {"--junit", "The same as --report junit", parameter_kind::flag}};

constexpr std::uint16_t known_port = 8090;

result<conformance::core_options> read_options(command_context const& context,
                                               conformance_options const& common) {
    conformance::core_options out;
    out.url = common.url;
    out.core_secret = common.core_secret;
    out.previous_secret = secret(context.environment("CXB_CORE_SECRET_PREVIOUS"));
    out.listen = common.listen;
    out.command = context.args().text("--run");
    if (out.command.empty() && out.listen.port == 0) out.listen.port = known_port;
    out.pause = context.around().pause;
    auto const file = context.args().text("--config");
    if (file.empty()) return out;
    CXB_TRY(out.config, context.read_object(file));
    return out;
}

void print_environment(command_context const& context, conformance::core_kit const& kit) {
    context.err() << "Start the Core with this environment (the secrets are those you gave):\n";
    for (auto const& [name, value] : kit.environment())
        context.err() << "  " << name << '='
                      << (name.find("SECRET") == std::string::npos ? value : "***") << '\n';
    context.err() << std::flush;
}

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const common, read_conformance_options(context));
    auto options = read_options(context, common);
    if (!options) return conformance_cannot_run(context, options.error());
    bool const started_by_us = !options->command.empty();
    conformance::core_kit kit(*context.around().transport, *std::move(options));
    if (auto const open = kit.open(); !open) return conformance_cannot_run(context, open.error());
    if (!started_by_us) print_environment(context, kit);
    if (auto const ready = kit.prepare(); !ready)
        return conformance_cannot_run(context, ready.error());
    conformance::kit_port const port{[&kit](conformance::need one) { return kit.missing(one); },
                                     [&kit] { return kit.take_exchanges(); },
                                     [&kit] { return kit.take_notes(); }};
    return run_conformance(context, "core", common,
                           conformance::bind_checks(conformance::core_checks(), kit), port);
}

}  // namespace

command const conformance_core{"conformance",
                               "core",
                               "Check a media worker against the contracts; exit 1 when a check "
                               "fails, 2 when nothing could be checked",
                               "cxb conformance core http://127.0.0.1:8001 --run 'python3 core.py'",
                               parameters,
                               &run};

}  // namespace cxb::cli
