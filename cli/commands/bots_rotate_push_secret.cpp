#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"--end-old", "Stop signing with the replaced secret now", parameter_kind::flag}};

result<exit_code> run(command_context& context) {
    bool const end = context.args().has("--end-old");
    remote_call call;
    call.method = end ? "DELETE" : "POST";
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"), "/push-secret/rotate");
    CXB_TRY(auto const answer, context.ask_object(std::move(call)));
    if (end) return context.print(answer, "The replaced secret signs no more\n");
    return context.print(answer, "New signing secret, shown only now: " + cell(answer, "secret") +
                                     "\nThe old one signs along until it ends; end it with "
                                     "--end-old.\n");
}

}  // namespace

command const bots_rotate_push_secret{"bots",
                                      "rotate-push-secret",
                                      "Make a new secret that signs the pushes of a bot",
                                      "cxb bots rotate-push-secret 65f000000000000000000001",
                                      parameters,
                                      &run};

}  // namespace cxb::cli
