#include "cli/commands/conformance_run.hpp"

#include <iostream>

namespace cxb::cli {

namespace {

result<report_form> read_form(command_context const& context) {
    auto const word = context.args().text("--report", "text");
    bool const junit = context.args().has("--junit");
    if (context.json() && junit) return usage_error("Choose one of --json and --junit");
    if (context.json()) return report_form::json;
    if (junit || word == "junit") return report_form::junit;
    if (word == "json") return report_form::json;
    if (word == "text") return report_form::text;
    return usage_error("--report is text, json or junit");
}

}  // namespace

result<conformance_options> read_conformance_options(command_context const& context) {
    auto const& args = context.args();
    conformance_options out;
    out.url = args.text("URL");
    out.wanted = {conformance::split_ids(args.list("--only")),
                  conformance::split_ids(args.list("--skip"))};
    CXB_TRY(out.form, read_form(context));
    CXB_TRY(out.listen, conformance::listen_address::parse(args.text("--listen")));
    CXB_TRY(out.core_secret, context.core_secret());
    auto const name = args.text("--secret-env");
    if (name.empty()) return out;
    out.core_secret = secret(context.environment(name));
    if (out.core_secret.empty()) return usage_error("The variable " + name + " is not set");
    return out;
}

exit_code conformance_cannot_run(command_context const& context, error const& failure) {
    print_error(context, failure);
    return exit_code::usage;
}

result<exit_code> run_conformance(command_context& context, std::string const& kit,
                                  conformance_options const& options,
                                  std::vector<conformance::bound_check> const& rows,
                                  conformance::kit_port const& port) {
    conformance::run_report report;
    report.kit = kit;
    report.target = options.url;
    CXB_TRY(report.results,
            conformance::run_checks(
                rows, options.wanted, port, [&context](conformance::check const& one) {
                    context.err() << one.id << "  " << one.sentence << '\n' << std::flush;
                }));
    switch (options.form) {
        case report_form::text:
            context.out() << conformance::to_table(report);
            break;
        case report_form::json:
            context.out() << wire::to_text(conformance::to_json(report)) << '\n';
            break;
        case report_form::junit:
            context.out() << conformance::to_junit(report);
            break;
    }
    context.out().flush();
    return report.code();
}

}  // namespace cxb::cli
