#include <iostream>

#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/call_rows.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot that talks", parameter_kind::argument, true},
    {"NUMBER", "Number to ring", parameter_kind::argument, true},
    {"--var", "Call variable NAME=VALUE; repeat for more", parameter_kind::list},
    {"--from", "Number to show"},
    {"--key", "Idempotency key; one is made when left out"},
    {"--wait", "Wait for the result and its push; exit 1 when the call failed",
     parameter_kind::flag},
    {"--timeout", "Seconds to wait (default 600)"}};

constexpr std::chrono::milliseconds look_every{1000};

result<wire::json_object> place(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto variables, parse_variables(args.list("--var")));
    wire::json_object body{{"bot_id", args.text("BOT")}, {"to_number", args.text("NUMBER")}};
    if (args.has("--from")) body["from_number"] = args.text("--from");
    if (!variables.empty()) body["variables"] = std::move(variables);
    remote_call call;
    call.method = "POST";
    call.target = "/api/v1/sip/dialout";
    call.body = wire::to_text(body);
    call.headers.add("Idempotency-Key", args.text("--key", new_uuid7()));
    call.repeatable = true;
    call.timeout = longest_dialout;
    return context.ask_object(std::move(call));
}

// Ended, and what follows from it has either happened or never will.
bool is_settled(wire::json_object const& call) {
    auto const status = wire::text_at(call, "status");
    auto const push = wire::text_at(call, "push_state");
    return !status.empty() && status != "active" && push != "queued";
}

std::string stage_of(wire::json_object const& call) {
    std::string out(wire::text_at(call, "status"));
    if (out != "active") {
        if (auto const how = wire::text_at(call, "disconnected_by"); !how.empty())
            out += " (" + std::string(how) + ")";
        if (auto const push = wire::text_at(call, "push_state"); !push.empty())
            out += ", push " + std::string(push);
    }
    return out;
}

// A call appears with its first config request; until then it is ringing.
result<wire::json_object> watch(command_context& context, std::string const& session,
                                std::chrono::seconds longest) {
    auto const end = context.around().time->steady() + longest;
    std::string told;
    while (true) {
        remote_call look;
        look.target = target_of("/api/v1/calls/", session);
        auto call = context.ask_object(std::move(look));
        // The call goes on while cxb-api begins anew, and so does the wait for it.
        bool const away = !call && exit_code_of(call.error()) == exit_code::unreachable;
        if (!call && !away && call.error().code() != errc::not_found) return call.error();
        std::string const stage = call   ? stage_of(*call)
                                  : away ? "not known (" + call.error().detail() + ")"
                                         : std::string("dialling");
        if (stage != told) context.err() << "  " << stage << std::endl;
        told = stage;
        if (call && is_settled(*call)) return call;
        if (context.around().time->steady() >= end || !context.around().pause(look_every))
            return error{errc::deadline_exceeded, std::string("The call is still ")
                                                      .append(stage)
                                                      .append("; look later: cxb calls show ")
                                                      .append(session)};
    }
}

result<exit_code> run(command_context& context) {
    CXB_TRY(int const seconds, context.args().number("--timeout", 600, 1, 86400));
    CXB_TRY(auto accepted, place(context));
    std::string const session(wire::text_at(accepted, "session_id"));
    if (session.empty())
        return error{errc::corrupt_data, "The answer names no session; is it a CX Bridge API?"};
    std::string const text = "Call accepted, session " + session + "\n";
    if (!context.args().has("--wait")) return context.print(accepted, text);
    if (!context.json()) context.out() << text << std::flush;
    CXB_TRY(auto call, watch(context, session, std::chrono::seconds(seconds)));
    bool const failed = wire::text_at(call, "status") == "failed";
    std::string const summary = "Call " + stage_of(call) + ", " +
                                cell(call, "call_duration_seconds") +
                                " s. Details: cxb calls show " + session + "\n";
    accepted["call"] = std::move(call);
    context.print(accepted, summary);
    return failed ? exit_code::failed : exit_code::done;
}

}  // namespace

command const dialout{
    "dialout",
    "",
    "Ring a number and let a bot talk",
    "cxb dialout 65f000000000000000000001 +919876543210 --var CUSTOMER=Ravi --wait",
    parameters,
    &run};

}  // namespace cxb::cli
