#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

// `true`, `5`, `null` and `{...}` are what they look like; anything else is a text.
result<wire::json_object> members_of(std::vector<std::string> const& pairs) {
    CXB_TRY(auto out, parse_variables(pairs));
    for (auto& member : out)
        if (auto parsed = wire::parse_json(member.value().as_string())) member.value() = *parsed;
    return out;
}

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"NAME=VALUE", "Member and its value: JSON, else text; null resets", parameter_kind::argument,
     true, true},
    {"--if-version", "Change only this version of the bot"}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, members_of(context.args().list("NAME=VALUE")));
    remote_call call;
    call.method = "PUT";
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"));
    call.body = wire::to_text(sent);
    if (auto const number = context.args().text("--if-version"); !number.empty())
        call.headers.add("If-Match", '"' + number + '"');
    CXB_TRY(auto const bot, context.ask_object(std::move(call)));
    return context.print(
        bot, "Changed bot " + cell(bot, "id") + ", now version " + cell(bot, "version") + "\n");
}

}  // namespace

command const bots_set{
    "bots",
    "set",
    "Change members of a bot by name",
    "cxb bots set 65f000000000000000000001 is_active=false opening_message=Namaste",
    parameters,
    &run};

}  // namespace cxb::cli
