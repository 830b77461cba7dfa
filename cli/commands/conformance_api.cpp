#include "cli/commands/commands.hpp"
#include "cli/commands/conformance_run.hpp"
#include "cli/conformance/api_checks.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"URL", "Address of the control plane; use a test installation, calls stay in it",
     parameter_kind::argument, true},
    {"--secret-env", "Variable that holds the core secret (default CXB_CORE_SECRET)"},
    {"--email",
     "Sign in as this admin, password in CXB_ADMIN_PASSWORD; else CXB_TOKEN or the "
     "login of cxb login is used"},
    {"--bot-id", "Bot whose config is fetched, when the kit may not make one"},
    {"--fleet", "Let the kit be the only host of the fleet for a moment; the list comes back",
     parameter_kind::flag},
    {"--listen",
     "HOST:PORT of the kit's own host and push receiver (127.0.0.1:0), within reach "
     "of the API"},
    {"--only", "Run these checks only, e.g. A01,A07", parameter_kind::list},
    {"--skip", "Leave these checks out", parameter_kind::list},
    {"--report", "text, json or junit"},
    {"--junit", "The same as --report junit", parameter_kind::flag}};

result<conformance::api_options> read_options(command_context const& context,
                                              conformance_options const& common) {
    conformance::api_options out;
    out.url = common.url;
    out.core_secret = common.core_secret;
    out.listen = common.listen;
    out.bot_id = context.args().text("--bot-id");
    out.fleet = context.args().has("--fleet");
    out.email = context.args().text("--email");
    out.password = secret(context.environment("CXB_ADMIN_PASSWORD"));
    out.livekit_key = context.environment("LIVEKIT_API_KEY");
    out.livekit_secret = secret(context.environment("LIVEKIT_API_SECRET"));
    if (!out.email.empty()) return out;
    out.bearer = secret(context.environment("CXB_TOKEN"));
    if (!out.bearer.empty()) return out;
    if (auto const file = context.credentials()) {
        CXB_TRY(auto const kept, file->find(common.url));
        if (kept && kept->expires_at > context.now()) out.bearer = kept->token;
    }
    return out;
}

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const common, read_conformance_options(context));
    auto options = read_options(context, common);
    if (!options) return conformance_cannot_run(context, options.error());
    conformance::api_kit kit(*context.around().transport, *std::move(options));
    if (auto const ready = kit.prepare(); !ready) {
        kit.clean_up();
        return conformance_cannot_run(context, ready.error());
    }
    conformance::kit_port const port{[&kit](conformance::need one) { return kit.missing(one); },
                                     [&kit] { return kit.take_exchanges(); },
                                     [&kit] { return kit.take_notes(); }};
    auto done = run_conformance(context, "api", common,
                                conformance::bind_checks(conformance::api_checks(), kit), port);
    kit.clean_up();
    return done;
}

}  // namespace

command const conformance_api{"conformance",
                              "api",
                              "Check a control plane against the contracts; exit 1 when a check "
                              "fails, 2 when nothing could be checked",
                              "cxb conformance api http://127.0.0.1:8080 --email "
                              "admin@example.com --fleet",
                              parameters,
                              &run};

}  // namespace cxb::cli
