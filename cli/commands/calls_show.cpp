#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"CALL", "Session or call id", parameter_kind::argument, true}};

std::string transcript_of(wire::json_object const& call) {
    std::string out;
    auto const* lines = call.if_contains("transcript");
    if (lines == nullptr || !lines->is_array() || lines->get_array().empty()) return out;
    out = "\nTranscript\n";
    for (auto const& line : lines->get_array())
        if (line.is_object())
            out += "  " + cell(line.get_object(), "role") + ": " +
                   cell(line.get_object(), "content") + "\n";
    return out;
}

result<exit_code> run(command_context& context) {
    remote_call look;
    look.target = target_of("/api/v1/calls/", context.args().text("CALL"));
    CXB_TRY(auto const call, context.ask_object(std::move(look)));
    wire::json_object brief = call;
    for (char const* long_member :
         {"transcript", "events", "integration_log", "latency_samples", "usage_metrics"})
        brief.erase(long_member);
    return context.print(call, format_object(brief) + transcript_of(call));
}

}  // namespace

command const calls_show{"calls",
                         "show",
                         "Show one call with its transcript",
                         "cxb --json calls show 019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10",
                         parameters,
                         &run};

}  // namespace cxb::cli
