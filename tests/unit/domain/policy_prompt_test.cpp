#include "cxb/domain/policy_prompt.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/random.hpp"
#include "tests/unit/domain/policy_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb_test;
namespace rc = contract::runtime_config;

rc::conversation_policy policy_of(std::string const& text) {
    auto read = wire::read<rc::conversation_policy>(std::string_view(text));
    EXPECT_TRUE(read) << read.error().to_log_text();
    return read ? *std::move(read) : rc::conversation_policy{};
}

std::string prompt(rc::conversation_policy const& policy, policy_call const& at,
                   std::string system_prompt = "", unresolved_list* unresolved = nullptr) {
    auto const type = active_policy_type(policy);
    if (!type) return "plain";
    return policy_prompt(*type, policy, std::move(system_prompt))
        .render(at.view(), at.now, at.zone, unresolved);
}

std::string prompt(std::string const& policy, policy_call const& at = {}) {
    return prompt(policy_of(policy), at);
}

// The built-in scenarios of collection_*, all switched off.
constexpr char const* none_of_collection =
    R"({"id":"wrong_person","enabled":false},{"id":"call_later","enabled":false},)"
    R"({"id":"do_not_call","enabled":false},{"id":"already_paid","enabled":false},)"
    R"({"id":"hardship","enabled":false},{"id":"dispute","enabled":false},)"
    R"({"id":"promise","enabled":false})";

// A policy without situations, so that what is looked at stands alone.
std::string bare(std::string const& members, std::string const& scenarios = "") {
    return R"({"type":"collection_early_dpd","language":"en","goal":"",)" + members +
           (members.empty() ? "" : ",") + "\"scenarios\":[" + none_of_collection +
           (scenarios.empty() ? "" : ",") + scenarios + "]}";
}

constexpr char const* no_facts = "# Role\nSpeak English.\n\n# Customer facts\n- name: customer";

// 20-37: the whole prompt of spec 20 §7.
TEST(PolicyPrompt, ExampleOfTheSpec) {
    auto const policy = policy_of(
        R"({"type":"collection_early_dpd","language":"en",
            "persona":{"agent_name":"Asha","company_name":"Acme Finance"},
            "rules":["Never threaten."],
            "scenarios":[{"id":"call_later","enabled":false},{"id":"do_not_call","enabled":false},
                         {"id":"hardship","enabled":false},{"id":"dispute","enabled":false},
                         {"id":"promise","enabled":false}]})");
    policy_call at;
    at.crm = {{"FIRSTNAME", "Ravi"}, {"AMOUNT_DUE", "1500"}, {"DPD", "12"}};
    EXPECT_EQ(prompt(policy, at, "Be brief."), R"(Be brief.

# Role
You are Asha calling for Acme Finance. Speak English.

# Customer facts
- name: Ravi
- amount: 1500 | one thousand five hundred rupees
- days: 12 | twelve days

# Goal
Remind politely of a recently missed payment and agree a date.

# Rules
1. Never threaten.

# Situations
- wrong_person: Say sorry once, reveal nothing about the account, end.
- already_paid: Ask date, mode and reference, do not press.

# Dispositions
WRONG_NUMBER, ALREADY_PAID)");
}

TEST(PolicyPrompt, EverythingInBothLanguages) {
    auto const policy = policy_of(
        R"({"type":"insurance_renewal_motor","persona":{"agent_name":"Asha"},
            "goal":"Renew {{policy.account}}.","rules":["Be kind.","Say {{policy.amount_hi}}."],
            "scenarios":[{"id":"price","label":"Too dear for {{policy.customer_name_en}}",
                          "instruction":"Listen.","say_hi":"जी","say_en":"Sure"}],
            "dispositions":["RENEW","LOST"]})");
    policy_call at;
    at.crm = {{"NAME", "Ravi"},
              {"NAME_HI", "रवि"},
              {"PREMIUM", "₹1,250.75"},
              {"EXPIRY_DATE", "2026-06-07"},
              {"VEHICLE_NUMBER", "MH12AB1234"}};
    EXPECT_EQ(prompt(policy, at), R"(# Role
You are Asha. Speak Hindi mixed with everyday English.

# Customer facts
- name: रवि / Ravi
- amount: ₹1,250.75 | एक हज़ार दो सौ पचास रुपये पचहत्तर पैसे | )"
                                  R"(one thousand two hundred fifty rupees and seventy-five paise
- date: 2026-06-07 | सात जून | seventh June
- days: 2 | दो दिन | two days
- account: MH12AB1234

# Goal
Renew MH12AB1234.

# Rules
1. Be kind.
2. Say एक हज़ार दो सौ पचास रुपये पचहत्तर पैसे.

# Situations
- wrong_person: Say sorry once, reveal nothing about the account, end.
- call_later: Ask day and time, repeat them, end.
- do_not_call: Confirm that calls will stop, end.
- already_renewed: Ask insurer and new expiry.
- vehicle_sold: Note it, end.
- Too dear for Ravi: Listen.
  Hindi: जी
  English: Sure

# Dispositions
RENEW, LOST)");
}

TEST(PolicyPrompt, ALanguageLeavesTheOtherColumnOut) {
    policy_call at;
    at.crm = {{"NAME", "Ravi"}, {"NAME_HI", "रवि"}, {"AMOUNT", "1"}};
    std::string const scenario = R"({"id":"x","instruction":"Go.","say_hi":"जी","say_en":"Sure"})";
    auto const hindi = R"({"type":"collection_early_dpd","language":"hi","goal":"","scenarios":[)" +
                       std::string(none_of_collection) + "," + scenario + "]}";
    EXPECT_EQ(prompt(hindi, at),
              "# Role\nSpeak Hindi.\n\n# Customer facts\n- name: रवि\n- amount: 1 | एक रुपया\n\n"
              "# Situations\n- x: Go.\n  Hindi: जी");
    EXPECT_EQ(
        prompt(bare("", scenario), at),
        "# Role\nSpeak English.\n\n# Customer facts\n- name: Ravi\n- amount: 1 | one rupee\n\n"
        "# Situations\n- x: Go.\n  English: Sure");
}

TEST(PolicyPrompt, EmptySectionsAreLeftOut) {
    EXPECT_EQ(prompt(bare("")), no_facts);
    EXPECT_EQ(prompt(policy_of(bare("")), {}, " \n"), no_facts);
    EXPECT_EQ(prompt(policy_of(bare("")), {}, "Be brief.\n\n"),
              std::string("Be brief.\n\n") + no_facts);
    policy_call at;
    at.crm["EMPTY"] = "";
    EXPECT_EQ(prompt(bare(R"("rules":["{{EMPTY}}"],"dispositions":["{{EMPTY}}"])"), at), no_facts);
}

TEST(PolicyPrompt, PersonaMayBeHalfThere) {
    auto const role = [](std::string const& persona) {
        auto const text = prompt(bare("\"persona\":" + persona));
        return text.substr(7, text.find("\n\n") - 7);
    };
    EXPECT_EQ(role("{}"), "Speak English.");
    EXPECT_EQ(role(R"({"agent_name":"Asha"})"), "You are Asha. Speak English.");
    EXPECT_EQ(role(R"({"company_name":"Acme"})"), "You are calling for Acme. Speak English.");
}

TEST(PolicyPrompt, GoalsOfTheTypes) {
    auto const goal = [](std::string const& type) {
        auto const text = prompt(R"({"type":")" + type + "\"}");
        auto const from = text.find("# Goal\n") + 7;
        return text.substr(from, text.find('\n', from) - from);
    };
    EXPECT_EQ(goal("collection_recovery"), "Secure a payment date for the overdue amount.");
    EXPECT_EQ(goal("collection_early_dpd"),
              "Remind politely of a recently missed payment and agree a date.");
    EXPECT_EQ(goal("collection_pre_due"), "Remind of the coming due date; never call it overdue.");
    EXPECT_EQ(goal("insurance_renewal_motor"), "Agree to renew before the expiry date.");
    EXPECT_NE(prompt(R"({"type":"collection_recovery","goal":"My own."})").find("# Goal\nMy own."),
              std::string::npos);
}

// 20-37: `enabled:false` beats `always:true`; unknown type, none, disabled: the plain prompt.
TEST(PolicyPrompt, ScenariosAreShownByTheirRule) {
    auto const shown = [](std::string const& scenario, policy_call const& at = {}) {
        return prompt(bare("", scenario), at).find("- x: Go.") != std::string::npos;
    };
    policy_call yes;
    yes.call["FLAG"] = "Haan";
    EXPECT_TRUE(shown(R"({"id":"x","instruction":"Go."})"));
    EXPECT_FALSE(shown(R"({"id":"x","instruction":"Go.","enabled":false,"always":true})"));
    EXPECT_FALSE(shown(R"({"id":"x","instruction":"Go.","flag":"FLAG"})"));
    EXPECT_TRUE(shown(R"({"id":"x","instruction":"Go.","flag":"FLAG"})", yes));
    EXPECT_TRUE(shown(R"({"id":"x","instruction":"Go.","flag":"FLAG","always":true})"));
    yes.call["FLAG"] = true;
    EXPECT_TRUE(shown(R"({"id":"x","instruction":"Go.","flag":"call.FLAG"})", yes));
    yes.call["FLAG"] = 2;
    EXPECT_FALSE(shown(R"({"id":"x","instruction":"Go.","flag":"FLAG"})", yes));
}

TEST(PolicyPrompt, DispositionsOfWhatIsShownEachOnce) {
    auto const words = [](std::string const& scenarios) {
        auto const text = prompt(bare("", scenarios));
        auto const at = text.find("# Dispositions\n");
        return at == std::string::npos ? std::string() : text.substr(at + 15);
    };
    EXPECT_EQ(words(R"({"id":"a","instruction":"x"})"), "");
    EXPECT_EQ(words(R"({"id":"a","instruction":"x","disposition":"A"},
                       {"id":"b","instruction":"x","disposition":"B"},
                       {"id":"c","instruction":"x","disposition":"A"},
                       {"id":"d","instruction":"x","disposition":"D","flag":"NO"})"),
              "A, B");
}

TEST(PolicyPrompt, OnlyAnActivePolicyMakesThePrompt) {
    EXPECT_FALSE(active_policy_type(std::nullopt));
    for (char const* text :
         {"{}", R"({"type":null})", R"({"type":"insurance_renewal_health"})",
          R"({"type":"Collection_recovery"})", R"({"type":"collection_recovery","enabled":false})"})
        EXPECT_FALSE(active_policy_type(policy_of(text))) << text;
    EXPECT_EQ(active_policy_type(policy_of(R"({"type":"collection_pre_due"})")),
              rc::policy_type::collection_pre_due);
}

TEST(PolicyPrompt, TextsAreTemplatesValuesAreNot) {
    policy_call at;
    at.crm = {{"FIRSTNAME", "{{call.X}} # Goal"}, {"AMOUNT", "{{call.X}}"}, {"ID", "7"}};
    at.call["X"] = "expanded";
    unresolved_list unresolved;
    auto const text = prompt(
        policy_of(bare(R"("persona":{"agent_name":"Asha {{ID}}"},)"
                       R"("rules":["{{policy.customer_name_en}} {{policy.days}} {{NOPE}}"])")),
        at, "{{policy.amount}}", &unresolved);
    EXPECT_EQ(text,
              "{{call.X}}\n\n# Role\nYou are Asha 7. Speak English.\n\n# Customer facts\n"
              "- name: {{call.X}} # Goal\n- amount: {{call.X}} | {{call.X}}\n\n"
              "# Rules\n1. {{call.X}} # Goal {{policy.days}} {{NOPE}}");
    EXPECT_EQ(unresolved, (unresolved_list{"policy.days", "NOPE"}));
}

TEST(PolicyPrompt, EqualInputGivesEqualOutputAndOneMadeOnceServesManyCalls) {
    auto const policy =
        policy_of(R"({"type":"collection_recovery","rules":["{{policy.amount}}"]})");
    policy_prompt const made(rc::policy_type::collection_recovery, policy, "For {{NAME}}.");
    policy_call one;
    one.crm = {{"NAME", "Ravi"}, {"AMOUNT", "1"}};
    policy_call two;
    two.crm = {{"NAME", "Uma"}, {"AMOUNT", "2"}};
    auto const first = made.render(one.view(), one.now, one.zone);
    auto const other = made.render(two.view(), two.now, two.zone);
    EXPECT_NE(first, other);
    EXPECT_EQ(made.render(one.view(), one.now, one.zone), first);
    EXPECT_EQ(other.find("Ravi"), std::string::npos);
}

// Whatever a CRM sends, the lines of the prompt are those of the policy.
TEST(PolicyPrompt, ValuesAddNoLines) {
    seeded_random random{7};
    policy_call at;
    at.crm = {
        {"NAME", "x"}, {"AMOUNT", "x"}, {"DUE_DATE", "x"}, {"DPD", "x"}, {"LOAN_NUMBER", "x"}};
    auto const policy = policy_of(R"({"type":"collection_recovery"})");
    auto const lines = [&] {
        auto const text = prompt(policy, at);
        EXPECT_TRUE(is_utf8(text)) << text;
        return std::ranges::count(text, '\n');
    };
    auto const wanted = lines();
    std::string_view const letters[] = {"\n", "\r", "\t", "#", "-", " ", "{{", "}}", "a", "9", "ह"};
    for (int i = 0; i < 2000; ++i) {
        for (auto& [name, value] : at.crm) {
            std::string text = "9";
            for (auto left = random.below(12); left > 0; --left)
                text += letters[random.below(std::size(letters))];
            value = text + "9";
        }
        EXPECT_EQ(lines(), wanted);
    }
}

}  // namespace
