#include "cli/commands/bot_change.hpp"
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
    changed_bot,
    {"NAME=VALUE", "Member and its value: JSON, else text; null resets", parameter_kind::argument,
     true, true},
    only_if_version};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const sent, members_of(context.args().list("NAME=VALUE")));
    return change_bot(context, sent);
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
