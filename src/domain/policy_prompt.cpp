#include "cxb/domain/policy_prompt.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/policy_scenarios.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace rc = contract::runtime_config;
using enum rc::policy_language;

struct goal_row {
    rc::policy_type type;
    std::string_view goal;
};
constexpr goal_row default_goals[] = {
    {rc::policy_type::collection_recovery, "Secure a payment date for the overdue amount."},
    {rc::policy_type::collection_early_dpd,
     "Remind politely of a recently missed payment and agree a date."},
    {rc::policy_type::collection_pre_due, "Remind of the coming due date; never call it overdue."},
    {rc::policy_type::insurance_renewal_motor, "Agree to renew before the expiry date."},
};

struct language_row {
    rc::policy_language language;
    std::string_view sentence;
    bool hindi;  // which columns the prompt has
    bool english;
};
constexpr language_row languages[] = {
    {hi, "Speak Hindi.", true, false},
    {en, "Speak English.", false, true},
    {hi_en, "Speak Hindi mixed with everyday English.", true, true},
};

language_row const& row_of(rc::policy_language language) noexcept {
    return *std::ranges::find(languages, language, &language_row::language);
}

std::string goal_of(rc::policy_type type, std::optional<std::string> const& own) {
    if (own) return *own;
    return std::string(std::ranges::find(default_goals, type, &goal_row::type)->goal);
}

compiled_template compiled(std::optional<std::string> const& text) {
    return compiled_template(text.value_or(""));
}

std::vector<compiled_template> compiled_all(std::vector<std::string> const& texts) {
    std::vector<compiled_template> out;
    for (auto const& text : texts)
        out.emplace_back(text);
    return out;
}

}  // namespace

std::optional<rc::policy_type> active_policy_type(
    std::optional<rc::conversation_policy> const& policy) noexcept {
    if (!policy || !policy->enabled || !policy->type) return std::nullopt;
    return policy->type->known();
}

policy_prompt::policy_prompt(rc::policy_type type, rc::conversation_policy const& policy,
                             std::string system_prompt)
    : type_(type),
      language_(policy.language),
      fields_(policy.fields),
      system_prompt_(std::move(system_prompt)),
      agent_name_(policy.persona.agent_name),
      company_name_(policy.persona.company_name),
      goal_(goal_of(type, policy.goal)),
      rules_(compiled_all(policy.rules)),
      dispositions_(compiled_all(policy.dispositions)) {
    for (auto const& each : scenarios_of(type, policy.scenarios)) {
        if (!each.enabled) continue;
        situations_.push_back({each, compiled_template(each.label),
                               compiled_template(each.instruction), compiled(each.say_hi),
                               compiled(each.say_en), compiled(each.disposition)});
    }
}

// One prompt on its way: the sections in the order in which they stand.
struct policy_prompt::rendering {
    policy_prompt const& of;
    template_variables const& variables;
    unresolved_list* unresolved;
    policy_facts const& facts;
    language_row const& columns = row_of(of.language_);
    std::vector<situation const*> shown = shown_situations();
    std::string out = {};

    std::string text(compiled_template const& source) const {
        auto const rendered = source.render(variables, unresolved_policy::literal, unresolved);
        return std::string(trim(rendered));
    }
    std::vector<situation const*> shown_situations() const {
        std::vector<situation const*> found;
        for (auto const& each : of.situations_) {
            bool const asked = each.rule.flag && !each.rule.always;
            bool const yes = asked && says_yes(policy_variable(*each.rule.flag, variables));
            if (is_shown(each.rule, yes)) found.push_back(&each);
        }
        return found;
    }
    void section(std::string_view heading, std::string_view body) {
        if (body.empty()) return;
        if (!out.empty()) out += "\n\n";
        if (!heading.empty()) out.append(heading).append("\n");
        out += body;
    }
    // In the languages of the prompt.
    std::string said(spoken_text const& words, std::string_view joint) const {
        if (!columns.english) return words.hi;
        if (!columns.hindi) return words.en;
        return words.hi + std::string(joint) + words.en;
    }

    std::string role() const {
        std::string const agent = text(of.agent_name_);
        std::string const company = text(of.company_name_);
        std::string sentence = agent.empty() && company.empty() ? "" : "You are";
        if (!agent.empty()) sentence += " " + agent;
        if (!company.empty()) sentence += " calling for " + company;
        if (!sentence.empty()) sentence += ". ";
        return sentence.append(columns.sentence);
    }
    std::string customer() const {
        std::string lines = "- name: " + said(facts.name, " / ");
        auto const add = [&](char const* name, std::optional<spoken_fact> const& fact) {
            if (fact)
                lines.append("\n- ").append(name).append(": ").append(fact->raw).append(" | ") +=
                    said(fact->words, " | ");
        };
        add("amount", facts.amount);
        add("date", facts.date);
        add("days", facts.days);
        if (facts.account) lines += "\n- account: " + *facts.account;
        return lines;
    }
    std::string rules() const {
        std::string lines;
        int number = 0;
        for (auto const& each : of.rules_) {
            std::string const rule = text(each);
            if (rule.empty()) continue;
            lines.append(lines.empty() ? "" : "\n").append(std::to_string(++number));
            lines += ". " + rule;
        }
        return lines;
    }
    std::string situations() const {
        std::string lines;
        auto const say = [&](bool column, char const* language, compiled_template const& source) {
            if (!column || source.text().empty()) return;
            std::string const sentence = text(source);
            if (!sentence.empty()) lines.append("\n  ").append(language) += ": " + sentence;
        };
        for (auto const* each : shown) {
            std::string const label = text(each->label);
            lines.append(lines.empty() ? "- " : "\n- ")
                .append(label.empty() ? each->rule.id : label);
            lines += ": " + text(each->instruction);
            say(columns.hindi, "Hindi", each->say_hi);
            say(columns.english, "English", each->say_en);
        }
        return lines;
    }
    std::string dispositions() const {
        std::vector<std::string> words;
        auto const add = [&](compiled_template const& source) {
            std::string word = text(source);
            if (!word.empty() && std::ranges::find(words, word) == words.end())
                words.push_back(std::move(word));
        };
        for (auto const& each : of.dispositions_)
            add(each);
        if (of.dispositions_.empty())
            for (auto const* each : shown)
                add(each->disposition);
        std::string list;
        for (auto const& word : words)
            list.append(list.empty() ? "" : ", ").append(word);
        return list;
    }
};

std::string policy_prompt::render(template_variables variables, time_point now,
                                  time_zone const& zone, unresolved_list* unresolved) const {
    policy_facts const facts = find_policy_facts(type_, fields_, variables, now, zone);
    wire::json_object const derived = policy_variables(facts);
    variables.policy = &derived;
    rendering made{*this, variables, unresolved, facts};
    made.section("", made.text(system_prompt_));
    made.section("# Role", made.role());
    made.section("# Customer facts", made.customer());
    made.section("# Goal", made.text(goal_));
    made.section("# Rules", made.rules());
    made.section("# Situations", made.situations());
    made.section("# Dispositions", made.dispositions());
    return std::move(made.out);
}

}  // namespace domain
}  // namespace cxb::inline v1
