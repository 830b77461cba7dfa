#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"KIND", "bot, call, push, recording, worker or number", parameter_kind::argument, true},
    {"ID", "Of the bot, the session; URL of the worker; the number", parameter_kind::argument,
     true}};

std::string told(wire::json_object const& answer) {
    std::string text = cell(answer, "subject.kind") + " " + cell(answer, "subject.id") + ": " +
                       cell(answer, "verdict") + "\n";
    auto const* reasons = answer.if_contains("reasons");
    if (reasons == nullptr || !reasons->is_array()) return text;
    for (auto const& one : reasons->get_array()) {
        if (!one.is_object()) continue;
        auto const& reason = one.get_object();
        text += "- " + cell(reason, "code") + ": " + cell(reason, "text");
        if (auto const since = wire::text_at(reason, "since"); !since.empty())
            text += ", since " + readable_time(since) + " UTC";
        if (auto const next = wire::text_at(reason, "next_at"); !next.empty())
            text += ", next at " + readable_time(next) + " UTC";
        text += "\n";
        if (auto const fix = wire::text_at(reason, "fix"); !fix.empty())
            text += "  What to do: " + std::string(fix) + "\n";
    }
    return text;
}

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    remote_call call;
    call.target =
        target_of("/api/v1/why/", args.text("KIND"), "/") + target_of("", args.text("ID"));
    CXB_TRY(auto const answer, context.ask_object(std::move(call)));
    context.print(answer, told(answer));
    auto const verdict = wire::text_at(answer, "verdict");
    return verdict == "blocked" || verdict == "failed" ? exit_code::failed : exit_code::done;
}

}  // namespace

command const why{"why",
                  "",
                  "Say why something does not happen; exit 1 when it is blocked or failed",
                  "cxb why push 019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10 --json",
                  parameters,
                  &run};

}  // namespace cxb::cli
