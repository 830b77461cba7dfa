#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"CALL", "Session or call id", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const answer,
            context.get(target_of("/api/v1/calls/", context.args().text("CALL"), "/trace")));
    auto rows = items_of(answer);
    auto const text = format_rows(rows, {{"AT (UTC)", "at", true},
                                         {"SOURCE", "source"},
                                         {"WHAT", "name"},
                                         {"MS", "ms"},
                                         {"ERROR", "error"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const calls_trace{"calls",
                          "trace",
                          "What every part did in a call, in order",
                          "cxb calls trace 019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10",
                          parameters,
                          &run};

}  // namespace cxb::cli
