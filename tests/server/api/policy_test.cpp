// Bots with a conversation policy, from saving to the served prompt (spec 20 §7, §8 step 12).
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "server/api/bots/bot_document.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

struct Policies : api_test {
    testing::fake_clock clock{*parse_timestamp("2026-06-05T10:15:00Z")};

    Policies() {
        surroundings.time = &clock;
        start();
    }
    static json_object parsed(std::string const& text) {
        return wire::parse_json(text).value().as_object();
    }
    std::string policy_bot(std::string const& policy, json_object extra = {}) {
        extra["conversation_policy"] = parsed(policy);
        extra.emplace("system_prompt", "Be brief.");
        return make_bot(std::move(extra));
    }
    answer config_with(std::string const& bot, json_object event) {
        return core("POST", "/api/v1/config/" + bot,
                    json_object{{"connected_event", std::move(event)}});
    }
    std::string prompt(std::string const& bot, json_object event = {}) {
        auto const got = config_with(bot, std::move(event));
        EXPECT_EQ(got.status, 200) << got.body;
        return got.text("system_prompt");
    }
    // What stands behind `- <fact>: ` in the served prompt.
    std::string fact(std::string const& bot, std::string const& name, json_object event) {
        std::string const text = prompt(bot, std::move(event));
        auto const from = text.find("\n- " + name + ": ");
        if (from == std::string::npos) return "unknown";
        auto const value = from + name.size() + 5;
        return text.substr(value, text.find('\n', value) - value);
    }
    std::vector<std::string> pointers(answer const& got) {
        std::vector<std::string> out;
        EXPECT_EQ(got.status, 422) << got.body;
        if (got.status != 422) return out;
        for (auto const& one : got.json.at("errors").as_array())
            out.emplace_back(wire::text_at(one.as_object(), "pointer"));
        return out;
    }
    // Notes of a session's trace.
    std::vector<std::string> notes(answer const& config) {
        auto const trace =
            admin("GET", "/api/v1/calls/" + config.text("session_id") + "/trace").json;
        std::vector<std::string> out;
        for (auto const& row : trace.as_array())
            if (wire::text_at(row.as_object(), "name") == "config_note")
                out.emplace_back(wire::text_at(row.as_object(), "data.note"));
        return out;
    }
};

using list = std::vector<std::string>;

constexpr char const* example =
    R"({"type":"collection_early_dpd","language":"en",
        "persona":{"agent_name":"Asha","company_name":"Acme Finance"},"rules":["Never threaten."],
        "scenarios":[{"id":"call_later","enabled":false},{"id":"do_not_call","enabled":false},
                     {"id":"hardship","enabled":false},{"id":"dispute","enabled":false},
                     {"id":"promise","enabled":false}]})";

constexpr char const* example_prompt = R"(Be brief.

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
WRONG_NUMBER, ALREADY_PAID)";

json_object ravi() {
    return {{"FIRSTNAME", "Ravi"}, {"AMOUNT_DUE", "1500"}, {"DPD", "12"}};
}

TEST_F(Policies, TheWholePromptOfTheExampleIsServed) {  // 20-37
    std::string const bot = policy_bot(example);
    auto const got = config_with(bot, {{"_mock_crm", ravi()}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("system_prompt"), example_prompt);
    EXPECT_EQ(got.text("prompt_parts.mode"), "legacy");
    EXPECT_FALSE(got.json.at("prompt_parts").at("cache_enabled").as_bool());
    EXPECT_EQ(got.text("conversation_policy.type"), "collection_early_dpd");
    EXPECT_EQ(got.text("conversation_policy.persona.agent_name"), "Asha");
    EXPECT_EQ(notes(got), list{});
    auto const read = rc::parse_runtime_config(got.body);
    ASSERT_TRUE(read) << read.error().to_log_text();
    auto const shown =
        admin("POST", "/api/v1/bots/" + bot + "/preview-config", json_object{{"mock_crm", ravi()}});
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.text("config.system_prompt"), example_prompt);
    EXPECT_EQ(shown.json.at("unresolved").as_array().size(), 0U);
}

struct spoken_row {
    char const* in;
    char const* hi;
    char const* en;
};

TEST_F(Policies, AmountsAreServedInWords) {  // 20-37
    std::string const bot = policy_bot(R"({"type":"collection_recovery"})");
    constexpr spoken_row rows[] = {
        {"50000", "पचास हज़ार रुपये", "fifty thousand rupees"},
        {"1", "एक रुपया", "one rupee"},
        {"0", "शून्य रुपये", "zero rupees"},
        {"₹1,250.75", "एक हज़ार दो सौ पचास रुपये पचहत्तर पैसे",
         "one thousand two hundred fifty rupees and seventy-five paise"},
        {"0.5", "पचास पैसे", "fifty paise"},
        {"0.01", "एक पैसा", "one paisa"},
        {"1,23,456", "एक लाख तेईस हज़ार चार सौ छप्पन रुपये",
         "one lakh twenty-three thousand four hundred fifty-six rupees"},
        {"12550750", "एक करोड़ पच्चीस लाख पचास हज़ार सात सौ पचास रुपये",
         "one crore twenty-five lakh fifty thousand seven hundred fifty rupees"},
        {"15000000000", "एक हज़ार पाँच सौ करोड़ रुपये", "one thousand five hundred crore rupees"},
        {"12 lakhs", "12 lakhs", "12 lakhs"},
    };
    for (auto const& row : rows)
        EXPECT_EQ(fact(bot, "amount", {{"AMOUNT_DUE", row.in}}),
                  std::string(row.in) + " | " + row.hi + " | " + row.en);
    EXPECT_EQ(fact(bot, "amount", {{"AMOUNT_DUE", 1250.75}}),
              "1250.75 | एक हज़ार दो सौ पचास रुपये पचहत्तर पैसे | "
              "one thousand two hundred fifty rupees and seventy-five paise");
    EXPECT_EQ(fact(bot, "amount", {}), "unknown");
}

TEST_F(Policies, DatesAndDaysAreServedInWords) {  // 20-37
    std::string const bot = policy_bot(R"({"type":"collection_pre_due"})");
    std::string const early = policy_bot(R"({"type":"collection_early_dpd"})");
    constexpr spoken_row rows[] = {
        {"2026-06-05", "पाँच जून", "fifth June"},
        {"31/01/2027", "इकतीस जनवरी दो हज़ार सत्ताईस", "thirty-first January twenty twenty-seven"},
        {"22-03-2009", "बाईस मार्च दो हज़ार नौ", "twenty-second March two thousand nine"},
        {"1999-12-01", "एक दिसंबर उन्नीस सौ निन्यानवे", "first December nineteen ninety-nine"},
        {"2026-06-05T20:00:00Z", "छह जून", "sixth June"},  // in the bot's zone, Asia/Kolkata
        {"31/02/2026", "31/02/2026", "31/02/2026"},
    };
    for (auto const& row : rows)
        EXPECT_EQ(fact(bot, "date", {{"DUE_DATE", row.in}}),
                  std::string(row.in) + " | " + row.hi + " | " + row.en);
    EXPECT_EQ(fact(bot, "days", {{"DUE_DATE", "2026-06-06"}}), "1 | एक दिन | one day");
    EXPECT_EQ(fact(bot, "days", {{"DUE_DATE", "2026-06-05"}}), "0 | शून्य दिन | zero days");
    EXPECT_EQ(fact(bot, "days", {{"DUE_DATE", "2026-06-04"}}), "unknown");
    clock.set_wall(*parse_timestamp("2026-06-05T18:30:00Z"));  // 6 June in India
    EXPECT_EQ(fact(bot, "days", {{"DUE_DATE", "2026-06-06"}}), "0 | शून्य दिन | zero days");
    EXPECT_EQ(fact(early, "days", {{"DPD", 999}}),
              "999 | नौ सौ निन्यानवे दिन | nine hundred ninety-nine days");
    EXPECT_EQ(fact(early, "days", {{"DPD", -3}}), "unknown");
}

TEST_F(Policies, AScenarioThatIsDisabledIsAbsentAlsoWhenAlways) {  // 20-37
    std::string const bot = policy_bot(
        R"({"type":"collection_recovery","scenarios":[
            {"id":"off","enabled":false,"always":true,"instruction":"Never shown.",
             "disposition":"OFF"},
            {"id":"always","always":true,"flag":"NOT_SET","instruction":"Always shown."},
            {"id":"flagged","flag":"IS_VIP","instruction":"Shown to some."}]})");
    std::string const plain = prompt(bot);
    EXPECT_EQ(plain.find("Never shown."), std::string::npos);
    EXPECT_EQ(plain.find("OFF"), std::string::npos);
    EXPECT_NE(plain.find("- always: Always shown."), std::string::npos);
    EXPECT_EQ(plain.find("Shown to some."), std::string::npos);
    EXPECT_NE(prompt(bot, {{"IS_VIP", "Yes"}}).find("- flagged: Shown to some."),
              std::string::npos);
}

TEST_F(Policies, AnUnknownTypeIsThePlainPromptAndWarned) {  // 20-37
    json_object const body{{"name", "Health"},
                           {"system_prompt", "For {{FIRSTNAME}}."},
                           {"conversation_policy", {{"type", "insurance_renewal_health"}}}};
    auto const made = admin("POST", "/api/v1/bots", body);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json.at("warnings"),
              (wire::json_array{"conversation_policy.type: unknown, the plain prompt is used"}));
    EXPECT_EQ(made.text("conversation_policy.type"), "insurance_renewal_health");
    auto const got = config_with(made.text("id"), ravi());
    EXPECT_EQ(got.text("system_prompt"), "For Ravi.");
    EXPECT_EQ(notes(got), list{"conversation_policy_type_unknown:insurance_renewal_health"});
    auto const known =
        admin("PUT", "/api/v1/bots/" + made.text("id"),
              json_object{{"conversation_policy", {{"type", "collection_pre_due"}}}});
    EXPECT_EQ(known.json.at("warnings").as_array().size(), 0U);
    EXPECT_EQ(prompt(made.text("id"), ravi()).substr(0, 17), "For Ravi.\n\n# Role");
}

TEST_F(Policies, WithoutAnActivePolicyThePromptIsPlain) {
    for (char const* policy :
         {R"({})", R"({"type":null})", R"({"type":"collection_recovery","enabled":false})"}) {
        auto const bot = policy_bot(policy);
        EXPECT_EQ(prompt(bot, ravi()), "Be brief.") << policy;
    }
    std::string const bot = policy_bot(example);
    EXPECT_EQ(
        admin("PUT", "/api/v1/bots/" + bot, json_object{{"conversation_policy", nullptr}}).status,
        200);
    auto const got = config_with(bot, ravi());
    EXPECT_EQ(got.text("system_prompt"), "Be brief.");
    EXPECT_FALSE(got.json.as_object().contains("conversation_policy"));
}

TEST_F(Policies, NotTogetherWithDirectModeAllFaultsAtOnce) {
    json_object const policy =
        parsed(R"({"type":"collection_recovery","language":"fr","scenarios":[{"id":"x"}]})");
    EXPECT_EQ(pointers(admin("POST", "/api/v1/bots",
                             json_object{{"name", "x"},
                                         {"dead_air_seconds", 3},
                                         {"prompt_mode", "direct"},
                                         {"conversation_policy", policy}})),
              (list{"/dead_air_seconds", "/conversation_policy/language",
                    "/conversation_policy/scenarios/0/instruction", "/conversation_policy"}));
    // A static prompt without a mode means direct too.
    EXPECT_EQ(pointers(admin("POST", "/api/v1/bots",
                             json_object{{"name", "x"},
                                         {"static_system_prompt", "Fixed."},
                                         {"conversation_policy", json_object{}}})),
              list{"/conversation_policy"});
    EXPECT_EQ(admin("GET", "/api/v1/bots").json.at("total").to_number<int>(), 0);
    std::string const bot = policy_bot(example);
    EXPECT_EQ(pointers(admin("PUT", "/api/v1/bots/" + bot, json_object{{"prompt_mode", "direct"}})),
              list{"/conversation_policy"});
    EXPECT_EQ(prompt(bot, ravi()), example_prompt);
    auto const off = admin(
        "PUT", "/api/v1/bots/" + bot,
        json_object{{"prompt_mode", "direct"}, {"conversation_policy", {{"enabled", false}}}});
    EXPECT_EQ(off.status, 200) << off.body;
}

TEST_F(Policies, AsCompactJsonAPolicyHolds64KiB) {
    auto const policy = [](std::size_t bytes) {
        wire::json_array rules;
        for (int i = 0; i < 32; ++i)
            rules.emplace_back(std::string(2000, 'x'));
        rules.emplace_back(std::string(bytes, 'x'));
        return json_object{{"conversation_policy", json_object{{"rules", std::move(rules)}}}};
    };
    std::string const at = "/api/v1/bots/" + make_bot();
    auto const fits = admin("PUT", at, policy(1000));
    ASSERT_EQ(fits.status, 200) << fits.body;
    auto const stored = wire::to_text(fits.json.at("conversation_policy")).size();
    std::size_t const left = limits::policy_json - stored;
    EXPECT_EQ(admin("PUT", at, policy(1000 + left)).status, 200);
    EXPECT_EQ(pointers(admin("PUT", at, policy(1001 + left))), list{"/conversation_policy"});
}

// Stored by an older or newer version, or by hand: costs the policy, not the call.
TEST_F(Policies, AStoredPolicyThatCannotBeReadIsThePlainPromptAndATraceNote) {
    std::string const bot = policy_bot(example);
    stop();
    auto const done = cxb::test::run_sqlite(
        settings.data_dir + "/cxb.db",
        "update bots set doc = json_set(doc, '$.conversation_policy.language', 'fr')");
    ASSERT_EQ(done.errors, "");
    start();
    auto const got = config_with(bot, ravi());
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("system_prompt"), "Be brief.");
    EXPECT_FALSE(got.json.as_object().contains("conversation_policy"));
    EXPECT_EQ(notes(got), list{"conversation_policy_unreadable:/conversation_policy/language"});
    // Who saves the bot is told, and mends it.
    std::string const at = "/api/v1/bots/" + bot;
    EXPECT_EQ(admin("GET", at).text("conversation_policy.language"), "fr");
    EXPECT_EQ(pointers(admin("PUT", at, json_object{{"description", "new"}})),
              list{"/conversation_policy/language"});
    EXPECT_EQ(admin("PUT", at, json_object{{"conversation_policy", parsed(example)}}).status, 200);
    EXPECT_EQ(prompt(bot, {{"_mock_crm", ravi()}}), example_prompt);
}

// What is prepared for a bot dies with its version, and holds nothing of a customer.
TEST_F(Policies, ASavedPolicyIsServedByTheNextConfig) {
    std::string const bot = policy_bot(example);
    EXPECT_NE(prompt(bot, ravi()).find("1. Never threaten."), std::string::npos);
    auto changed = parsed(example);
    changed["rules"] = wire::json_array{"Be kind.", "For {{policy.amount_en}}."};
    ASSERT_EQ(
        admin("PUT", "/api/v1/bots/" + bot, json_object{{"conversation_policy", changed}}).status,
        200);
    EXPECT_NE(prompt(bot, ravi()).find("1. Be kind.\n2. For one thousand five hundred rupees."),
              std::string::npos);
    auto const other = prompt(bot, {{"FIRSTNAME", "Uma"}});
    EXPECT_NE(other.find("- name: Uma\n\n# Goal"), std::string::npos);
    EXPECT_NE(other.find("2. For {{policy.amount_en}}."), std::string::npos);
}

TEST_F(Policies, VariablesOfThePolicyAreForItsPromptOnly) {
    std::string const bot = policy_bot(R"({"type":"collection_recovery"})",
                                       {{"system_prompt", "Ask for {{policy.amount_en}}."},
                                        {"opening_message", "Pay {{policy.amount_en}}"}});
    auto const got = config_with(bot, ravi());
    EXPECT_EQ(got.text("opening_message"), "Pay {{policy.amount_en}}");
    EXPECT_EQ(got.text("system_prompt").substr(0, 45),
              "Ask for one thousand five hundred rupees.\n\n# ");
}

TEST_F(Policies, TheListSaysWhichTypeABotHas) {
    policy_bot(example);
    auto const all = admin("GET", "/api/v1/bots");
    EXPECT_EQ(all.json.at("items").at(0).at("policy_type").as_string(), "collection_early_dpd");
}

}  // namespace
}  // namespace cxb::api::test
