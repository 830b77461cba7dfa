#include "cxb/contract/runtime_config/conversation_policy.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
namespace rc = contract::runtime_config;

result<rc::conversation_policy> read(std::string const& text) {
    return wire::read<rc::conversation_policy>(std::string_view(text));
}

std::vector<std::string> pointers(std::string const& text) {
    std::vector<std::string> out;
    auto const got = read(text);
    if (got) return out;
    auto const cause = got.error();
    for (auto const& one : cause.faults())
        out.push_back(one.pointer);
    return out;
}

using list = std::vector<std::string>;

TEST(ConversationPolicy, DefaultsOfAnEmptyOne) {
    auto const policy = read("{}");
    ASSERT_TRUE(policy);
    EXPECT_EQ(*policy, rc::conversation_policy{});
    EXPECT_TRUE(policy->enabled);
    EXPECT_FALSE(policy->type);
    EXPECT_EQ(policy->language, rc::policy_language::hi_en);
    EXPECT_FALSE(policy->goal);
    auto const nulls = read(
        R"({"enabled":null,"type":null,"language":null,"persona":null,"fields":null,"goal":null,
            "rules":null,"scenarios":null,"dispositions":null})");
    ASSERT_TRUE(nulls);
    EXPECT_EQ(*nulls, *policy);
}

TEST(ConversationPolicy, WholeRoundTrip) {
    std::string const text =
        R"({"enabled":true,"type":"collection_recovery","language":"hi",)"
        R"("persona":{"agent_name":"Asha","company_name":"Acme"},)"
        R"("fields":{"customer_name":["A"],"customer_name_hi":["B"],"customer_name_en":[],)"
        R"("amount":["crm.loan.due","DUE"],"date":[],"days":[],"account":[]},"goal":"Be kind.",)"
        R"("rules":["Never threaten."],"scenarios":[{"id":"sold","label":"Sold","enabled":true,)"
        R"("always":false,"flag":"IS_SOLD","instruction":"Note it.","say_hi":"ठीक है",)"
        R"("say_en":"Fine",)"
        R"("disposition":"SOLD"}],"dispositions":["PTP","SOLD"]})";
    auto const policy = read(text);
    ASSERT_TRUE(policy) << policy.error().to_log_text();
    std::string written;
    wire::write(*policy, written);
    EXPECT_EQ(written, text);
    EXPECT_EQ(policy->fields.amount, (list{"crm.loan.due", "DUE"}));
    EXPECT_TRUE(policy->type->is(rc::policy_type::collection_recovery));
}

TEST(ConversationPolicy, AnUnknownTypeSurvives) {
    auto const policy = read(R"({"type":"insurance_renewal_health"})");
    ASSERT_TRUE(policy);
    EXPECT_FALSE(policy->type->known());
    std::string written;
    wire::write(*policy, written);
    EXPECT_NE(written.find(R"("type":"insurance_renewal_health")"), std::string::npos);
}

TEST(ConversationPolicy, EveryKnownTypeIsRead) {
    for (auto const& [type, word] : enum_words<rc::policy_type>::words) {
        auto const policy = read(R"({"type":")" + std::string(word) + "\"}");
        ASSERT_TRUE(policy) << word;
        EXPECT_EQ(policy->type->known(), type);
    }
}

TEST(ConversationPolicy, NameIsAnotherWordForTheCustomersName) {
    auto const policy = read(R"({"fields":{"name":["CUST"]}})");
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->fields.customer_name, list{"CUST"});
}

TEST(ConversationPolicy, FaultsAreToldTogether) {
    EXPECT_EQ(
        pointers(
            R"({"enabled":"yes","type":"","language":"fr","persona":{"agent_name":1},"rules":[""],)"
            R"("fields":{"amount":[""]},"scenarios":[{"id":"a b","instruction":"x"},)"
            R"({"instruction":"x"},{"id":"c"}],"dispositions":["",null]})"),
        (list{"/enabled", "/type", "/language", "/persona/agent_name", "/rules/0",
              "/fields/amount/0", "/scenarios/0/id", "/scenarios/1/id", "/scenarios/2/instruction",
              "/dispositions/0", "/dispositions/1"}));
    EXPECT_EQ(pointers("[]").size(), 1U);
    EXPECT_EQ(pointers(R"({"fields":{"amount":"AMOUNT"}})"), list{"/fields/amount"});
    EXPECT_EQ(pointers(R"({"scenarios":{}})"), list{"/scenarios"});
}

TEST(ConversationPolicy, AScenarioNeedsAnInstructionUnlessItIsDisabled) {
    EXPECT_EQ(pointers(R"({"scenarios":[{"id":"promise","always":true}]})"),
              list{"/scenarios/0/instruction"});
    EXPECT_EQ(pointers(R"({"scenarios":[{"id":"promise","enabled":false}]})"), list{});
}

TEST(ConversationPolicy, IdsOfScenariosAreUnique) {
    EXPECT_EQ(pointers(R"({"scenarios":[{"id":"a","instruction":"x"},{"id":"b","instruction":"x"},)"
                       R"({"id":"a","enabled":false}]})"),
              list{"/scenarios/2/id"});
}

struct size_row {
    char const* before;
    char const* after;
    char const* pointer;
    std::size_t most;
};

TEST(ConversationPolicy, TextsHaveTheirBounds) {
    constexpr size_row rows[] = {
        {R"({"type":")", "\"}", "/type", limits::open_word},
        {R"({"persona":{"agent_name":")", "\"}}", "/persona/agent_name", 120},
        {R"({"persona":{"company_name":")", "\"}}", "/persona/company_name", 120},
        {R"({"fields":{"days":[")", "\"]}}", "/fields/days/0", 128},
        {R"({"goal":")", "\"}", "/goal", 4000},
        {R"({"rules":[")", "\"]}", "/rules/0", 2000},
        {R"({"dispositions":[")", "\"]}", "/dispositions/0", 120},
        {R"({"scenarios":[{"instruction":"x","id":")", "\"}]}", "/scenarios/0/id", 64},
        {R"({"scenarios":[{"id":"i","instruction":")", "\"}]}", "/scenarios/0/instruction", 4000},
        {R"({"scenarios":[{"id":"i","enabled":false,"label":")", "\"}]}", "/scenarios/0/label",
         120},
        {R"({"scenarios":[{"id":"i","enabled":false,"flag":")", "\"}]}", "/scenarios/0/flag", 128},
        {R"({"scenarios":[{"id":"i","enabled":false,"say_hi":")", "\"}]}", "/scenarios/0/say_hi",
         2000},
        {R"({"scenarios":[{"id":"i","enabled":false,"say_en":")", "\"}]}", "/scenarios/0/say_en",
         2000},
        {R"({"scenarios":[{"id":"i","enabled":false,"disposition":")", "\"}]}",
         "/scenarios/0/disposition", 120},
    };
    for (auto const& row : rows) {
        auto const with = [&](std::size_t size) {
            return pointers(row.before + std::string(size, 'x') + row.after);
        };
        EXPECT_EQ(with(row.most), list{}) << row.pointer;
        EXPECT_EQ(with(row.most + 1), list{row.pointer});
    }
}

std::string many(std::size_t count, std::function<std::string(std::size_t)> const& item) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += (i == 0 ? "" : ",") + item(i);
    return '[' + out + ']';
}

TEST(ConversationPolicy, ListsHaveTheirBounds) {
    auto const word = [](std::size_t) { return std::string("\"x\""); };
    auto const scenario = [](std::size_t i) {
        return R"({"id":"s)" + std::to_string(i) + R"(","instruction":"x"})";
    };
    auto const rules = [&](std::size_t n) { return R"({"rules":)" + many(n, word) + '}'; };
    EXPECT_EQ(pointers(rules(limits::policy_rules)), list{});
    EXPECT_EQ(pointers(rules(limits::policy_rules + 1)), list{"/rules"});
    auto const situations = [&](std::size_t n) {
        return R"({"scenarios":)" + many(n, scenario) + '}';
    };
    EXPECT_EQ(pointers(situations(limits::policy_scenarios)), list{});
    EXPECT_EQ(pointers(situations(limits::policy_scenarios + 1)), list{"/scenarios"});
    auto const words = [&](std::size_t n) { return R"({"dispositions":)" + many(n, word) + '}'; };
    EXPECT_EQ(pointers(words(limits::policy_dispositions)), list{});
    EXPECT_EQ(pointers(words(limits::policy_dispositions + 1)), list{"/dispositions"});
    auto const names = [&](std::size_t n) {
        return R"({"fields":{"date":)" + many(n, word) + "}}";
    };
    EXPECT_EQ(pointers(names(20)), list{});
    EXPECT_EQ(pointers(names(21)), list{"/fields/date"});
}

TEST(ConversationPolicy, ValuesBuiltInCodeAreCheckedAsReadOnesAre) {
    rc::conversation_policy policy;
    EXPECT_TRUE(wire::check(policy));
    policy.rules = {""};
    policy.scenarios.resize(1);
    auto const judged = wire::check(policy);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().code(), errc::invalid);
    EXPECT_GE(judged.error().faults().size(), 2U);
}

}  // namespace
