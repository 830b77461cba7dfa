#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"KIND", "bot, call, push, recording, worker or number", parameter_kind::argument, true},
    {"ID", "Of the bot, the session; URL of the worker; the number", parameter_kind::argument,
     true}};

// "error status_404, attempts 1": what the verdict goes by.
std::string seen(wire::json_object const& reason) {
    auto const* evidence = reason.if_contains("evidence");
    if (evidence == nullptr || !evidence->is_object()) return {};
    std::string out;
    for (auto const& one : evidence->get_object())
        if (!one.value().is_null() && one.value() != "")
            out += (out.empty() ? "  Seen: " : ", ") + std::string(one.key()) + " " +
                   cell(evidence->get_object(), one.key());
    return out.empty() ? out : out + "\n";
}

// A sentence that goes on.
std::string open_ended(std::string text, bool more) {
    if (more && text.ends_with('.')) text.pop_back();
    return text;
}

std::string told(wire::json_object const& answer) {
    std::string text = cell(answer, "subject.kind") + " " + cell(answer, "subject.id") + ": " +
                       cell(answer, "verdict") + "\n";
    auto const* reasons = answer.if_contains("reasons");
    if (reasons == nullptr || !reasons->is_array()) return text;
    for (auto const& one : reasons->get_array()) {
        if (!one.is_object()) continue;
        auto const& reason = one.get_object();
        auto const since = wire::text_at(reason, "since");
        auto const next = wire::text_at(reason, "next_at");
        text += "- " + cell(reason, "code") + ": " +
                open_ended(cell(reason, "text"), !since.empty() || !next.empty());
        if (!since.empty()) text += ", since " + readable_time(since) + " UTC";
        if (!next.empty()) text += ", next at " + readable_time(next) + " UTC";
        text += "\n" + seen(reason);
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
