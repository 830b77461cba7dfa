#include <iostream>

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
    remote_call call;
    call.target = "/api/v1/audit/export";
    if (!query.items().empty()) call.target += "?" + query.to_text();
    bool first = true;
    call.sink = [&](std::string_view piece) -> result<void> {
        if (std::exchange(first, false) && !piece.empty() && piece.front() != '{')
            return error{errc::corrupt_data, context.url() +
                                                 " answered something that is no export; is it "
                                                 "a CX Bridge API?"};
        context.out() << piece;
        if (context.out()) return {};
        return error{errc::internal, "Cannot write to standard output"};
    };
    CXB_TRY(auto const done, context.send(std::move(call)));
    (void)done;
    context.out().flush();
    return context.out() ? exit_code::done : exit_code::failed;
}

}  // namespace

command const audit_export{"audit",
                           "export",
                           "Print all rows in their order, one JSON object a line",
                           "cxb audit export --from 2026-01-01T00:00:00Z > audit.ndjson",
                           parameters,
                           &run};

}  // namespace cxb::cli
