#include "cxb/contract/runtime_config/conversation_policy.hpp"

#include <set>
#include <string_view>

namespace cxb::inline v1 {
namespace contract::runtime_config {

using wire::field;
namespace patterns = wire::patterns;

namespace {

constexpr std::size_t name_bytes = 120;
constexpr std::size_t variable_bytes = 128;
constexpr std::size_t variables_of_a_field = 20;
constexpr std::size_t instruction_bytes = 4000;
constexpr std::size_t sentence_bytes = 2000;

void check_scenario(policy_scenario const& scenario, wire::fault_sink& sink) {
    if (scenario.enabled && scenario.instruction.empty())
        sink.add("/instruction", "required unless enabled is false");
}

void check_policy(conversation_policy const& policy, wire::fault_sink& sink) {
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < policy.scenarios.size(); ++i)
        if (!ids.insert(policy.scenarios[i].id).second)
            sink.add("/scenarios/" + std::to_string(i) + "/id", "must be unique");
}

}  // namespace

constexpr wire::field_row persona_rows[] = {
    field<&policy_persona::agent_name>("agent_name")
        .max_bytes(name_bytes)
        .doc("Name of the agent; template."),
    field<&policy_persona::company_name>("company_name")
        .max_bytes(name_bytes)
        .doc("For whom the agent calls; template."),
};
CXB_WIRE_PART(policy_persona, wire::table<policy_persona>("Whom the bot plays.", persona_rows))

constexpr wire::field_row fields_rows[] = {
    field<&policy_fields::customer_name>("customer_name")
        .alias("name")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the customer's name in any language."),
    field<&policy_fields::customer_name_hi>("customer_name_hi")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the customer's name in Hindi, asked first."),
    field<&policy_fields::customer_name_en>("customer_name_en")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the customer's name in English, asked first."),
    field<&policy_fields::amount>("amount")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the amount."),
    field<&policy_fields::date>("date")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the date."),
    field<&policy_fields::days>("days")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the number of days."),
    field<&policy_fields::account>("account")
        .max_items(variables_of_a_field)
        .bytes(1, variable_bytes)
        .doc("Variables of the account or vehicle."),
};
CXB_WIRE_PART(policy_fields,
              wire::table<policy_fields>("Where facts about the customer stand.", fields_rows))

constexpr wire::field_row scenario_rows[] = {
    field<&policy_scenario::id>("id")
        .required()
        .pattern(patterns::tool_name)
        .doc("Takes the place of a built-in scenario with this id."),
    field<&policy_scenario::label>("label")
        .max_bytes(name_bytes)
        .doc("Shown name; template; empty: the id."),
    field<&policy_scenario::enabled>("enabled").doc("False: never shown."),
    field<&policy_scenario::always>("always").doc("Shown whatever the flag says."),
    field<&policy_scenario::flag>("flag")
        .bytes(1, variable_bytes)
        .doc("Variable that must say yes for the scenario to be shown."),
    field<&policy_scenario::instruction>("instruction")
        .max_bytes(instruction_bytes)
        .doc("What to do; template; required unless disabled."),
    field<&policy_scenario::say_hi>("say_hi")
        .max_bytes(sentence_bytes)
        .doc("What to say in Hindi; template."),
    field<&policy_scenario::say_en>("say_en")
        .max_bytes(sentence_bytes)
        .doc("What to say in English; template."),
    field<&policy_scenario::disposition>("disposition")
        .max_bytes(name_bytes)
        .doc("Disposition of a call that went so; template."),
};
CXB_WIRE_PART(policy_scenario,
              wire::table<policy_scenario>("What to do in one situation.", scenario_rows)
                  .check<check_scenario>())

constexpr wire::field_row policy_rows[] = {
    field<&conversation_policy::enabled>("enabled").doc("False: the bot's plain prompt."),
    field<&conversation_policy::type>("type").doc("What the call is about; unknown: plain prompt."),
    field<&conversation_policy::language>("language").doc("What the bot speaks."),
    field<&conversation_policy::persona>("persona").doc("Whom the bot plays."),
    field<&conversation_policy::fields>("fields").doc("Variables asked before the built-in ones."),
    field<&conversation_policy::goal>("goal")
        .max_bytes(instruction_bytes)
        .doc("Aim of the call; template; absent: that of the type."),
    field<&conversation_policy::rules>("rules")
        .max_items(limits::policy_rules)
        .bytes(1, sentence_bytes)
        .doc("What the bot must keep to; templates."),
    field<&conversation_policy::scenarios>("scenarios")
        .max_items(limits::policy_scenarios)
        .doc("Beside the built-in ones, or in their place."),
    field<&conversation_policy::dispositions>("dispositions")
        .max_items(limits::policy_dispositions)
        .bytes(1, name_bytes)
        .doc("Words for the outcome; empty: those of the shown scenarios."),
};
CXB_WIRE_PART(conversation_policy,
              wire::table<conversation_policy>("Prompt from building blocks.", policy_rows)
                  .check<check_policy>())

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
