#include "cxb/domain/policy_scenarios.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;
namespace rc = contract::runtime_config;
using enum rc::policy_type;
using list = std::vector<std::string>;

list ids_of(rc::policy_type type, std::vector<rc::policy_scenario> const& own = {}) {
    list out;
    for (auto const& each : scenarios_of(type, own))
        out.push_back(each.id);
    return out;
}

rc::policy_scenario scenario(std::string id, std::string instruction = "Do it.") {
    rc::policy_scenario out;
    out.id = std::move(id);
    out.instruction = std::move(instruction);
    return out;
}

struct builtin_row {
    char const* id;
    char const* instruction;
    char const* disposition;
};

// Spec 20 §7, the table of built-in scenarios.
constexpr builtin_row all_types[] = {
    {"wrong_person", "Say sorry once, reveal nothing about the account, end.", "WRONG_NUMBER"},
    {"call_later", "Ask day and time, repeat them, end.", "CALLBACK"},
    {"do_not_call", "Confirm that calls will stop, end.", "DO_NOT_CALL"},
};
constexpr builtin_row collection_types[] = {
    {"already_paid", "Ask date, mode and reference, do not press.", "ALREADY_PAID"},
    {"hardship", "Ask the reason, offer only options named in the rules.", "HARDSHIP"},
    {"dispute", "Note what is disputed, do not argue.", "DISPUTE"},
    {"promise", "Get one date and amount, repeat both.", "PTP"},
};
constexpr builtin_row insurance_types[] = {
    {"already_renewed", "Ask insurer and new expiry.", "RENEWED"},
    {"vehicle_sold", "Note it, end.", "VEHICLE_SOLD"},
    {"price", "Name the premium once, explain only facts in the rules.", "PRICE_OBJECTION"},
};

void expect_rows(std::span<rc::policy_scenario const> got, std::span<builtin_row const> wanted) {
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_EQ(got[i].id, wanted[i].id);
        EXPECT_EQ(got[i].instruction, wanted[i].instruction);
        EXPECT_EQ(got[i].disposition, wanted[i].disposition);
        EXPECT_TRUE(got[i].enabled);
        EXPECT_FALSE(got[i].always || got[i].flag || got[i].say_hi || got[i].say_en);
    }
}

TEST(PolicyScenarios, BuiltInOnesOfEachType) {
    constexpr std::size_t common = std::size(all_types);
    for (auto const type :
         {collection_recovery, collection_early_dpd, collection_pre_due, insurance_renewal_motor}) {
        auto const found = scenarios_of(type, {});
        std::span<rc::policy_scenario const> const all(found);
        expect_rows(all.first(common), all_types);
        if (type == insurance_renewal_motor)
            expect_rows(all.subspan(common), insurance_types);
        else
            expect_rows(all.subspan(common), collection_types);
    }
    EXPECT_EQ(builtin_scenarios().size(), 10U);
}

TEST(PolicyScenarios, AnOwnOneReplacesTheBuiltInOneWholeInItsPlace) {
    std::vector<rc::policy_scenario> const own{scenario("sold"), scenario("hardship", "Listen.")};
    EXPECT_EQ(ids_of(collection_recovery, own),
              (list{"wrong_person", "call_later", "do_not_call", "already_paid", "hardship",
                    "dispute", "promise", "sold"}));
    auto const all = scenarios_of(collection_recovery, own);
    EXPECT_EQ(all[4].instruction, "Listen.");
    EXPECT_FALSE(all[4].disposition);
}

TEST(PolicyScenarios, TheIdOfAnotherTypesScenarioIsANewOne) {
    std::vector<rc::policy_scenario> const own{scenario("price")};
    EXPECT_EQ(ids_of(collection_pre_due, own).back(), "price");
    EXPECT_EQ(ids_of(collection_pre_due, own).size(), 8U);
    EXPECT_EQ(ids_of(insurance_renewal_motor, own).size(), 6U);
}

TEST(PolicyScenarios, WordsThatSayYes) {
    for (char const* text : {"1", "true", "yes", "y", "on", "haan", "TRUE", "Yes", "HaAn", " on\t"})
        EXPECT_TRUE(says_yes(text)) << text;
    for (char const* text :
         {"", " ", "0", "false", "no", "n", "off", "11", "yes please", "हाँ", "t"})
        EXPECT_FALSE(says_yes(text)) << text;
}

// 20-37: `enabled:false` beats `always:true`.
TEST(PolicyScenarios, WhichAreShown) {
    auto made = scenario("x");
    EXPECT_TRUE(is_shown(made, false));
    made.flag = "FLAG";
    EXPECT_FALSE(is_shown(made, false));
    EXPECT_TRUE(is_shown(made, true));
    made.always = true;
    EXPECT_TRUE(is_shown(made, false));
    made.enabled = false;
    EXPECT_FALSE(is_shown(made, true));
    made.always = false;
    made.flag.reset();
    EXPECT_FALSE(is_shown(made, true));
}

}  // namespace
