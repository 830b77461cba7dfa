#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--from", "First row: seq or RFC 3339 moment"},
                                    {"--to", "Last row: seq or RFC 3339 moment"}};

// The rows are printed as they come, with and without --json.
result<exit_code> run(command_context& context) {
    wire::query_list query;
    for (auto const& [option, name] : {std::pair{"--from", "from"}, std::pair{"--to", "to"}})
        if (context.args().has(option)) query.add(name, context.args().text(option));
    std::string target = "/api/v1/audit/export";
    if (!query.items().empty()) target += "?" + query.to_text();
    return context.print_export(std::move(target), "{");
}

}  // namespace

command const audit_export{"audit",
                           "export",
                           "Print all rows in their order, one JSON object a line",
                           "cxb audit export --from 2026-01-01T00:00:00Z > audit.ndjson",
                           parameters,
                           &run};

}  // namespace cxb::cli
