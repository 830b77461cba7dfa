#include "cli/commands/call_rows.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    bot_filter,
    status_filter,
    phone_filter,
    from_filter,
    to_filter,
    {"--format", "csv, or ndjson for whole documents, one a line; default csv, ndjson with --json"},
    {"--columns", "More columns of a CSV: analysis.X,qc.X,crm.X,call.X"}};

result<exit_code> run(command_context& context) {
    auto query = call_filters(context.args());
    std::string const fallback = context.json() ? "ndjson" : "csv";
    std::string const format =
        context.args().has("--format") ? context.args().text("--format") : fallback;
    query.add("format", format);
    if (context.args().has("--columns")) query.add("columns", context.args().text("--columns"));
    return context.print_export("/api/v1/calls/export?" + query.to_text(),
                                format == "csv" ? "session_id," : "{");
}

}  // namespace

command const calls_export{"calls",
                           "export",
                           "Print calls as CSV or NDJSON, however many",
                           "cxb calls export --from 2026-01-01T00:00:00Z > calls.csv",
                           parameters,
                           &run};

}  // namespace cxb::cli
