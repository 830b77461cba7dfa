#include "cxb/domain/policy_facts.hpp"

#include <gtest/gtest.h>

#include "tests/unit/domain/policy_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace cxb_test;
namespace rc = contract::runtime_config;
using enum rc::policy_type;

policy_facts facts_of(policy_call const& at, rc::policy_type type = collection_recovery,
                      rc::policy_fields const& fields = {}) {
    return find_policy_facts(type, fields, at.view(), at.now, at.zone);
}

std::string raw(std::optional<spoken_fact> const& fact) {
    return fact ? fact->raw : "unknown";
}

struct candidate_row {
    rc::policy_type type;
    std::string (*get)(policy_facts const&);
    std::vector<char const*> names;
    char const* value;
    char const* wanted;
};

std::string hindi_name(policy_facts const& f) {
    return f.name.hi;
}
std::string english_name(policy_facts const& f) {
    return f.name.en;
}
std::string amount(policy_facts const& f) {
    return raw(f.amount);
}
std::string date(policy_facts const& f) {
    return raw(f.date);
}
std::string days(policy_facts const& f) {
    return raw(f.days);
}
std::string account(policy_facts const& f) {
    return f.account.value_or("unknown");
}

// Spec 20 §7, the table of candidates.
std::vector<candidate_row> candidate_table() {
    std::vector<candidate_row> rows;
    std::vector<char const*> const loans{"LOAN_NUMBER", "LOAN_ACCOUNT_NUMBER", "ACCOUNT_NUMBER"};
    for (auto const type :
         {collection_recovery, collection_early_dpd, collection_pre_due, insurance_renewal_motor}) {
        rows.push_back({type,
                        &hindi_name,
                        {"CUSTOMERNAME_HI", "CUSTOMER_NAME_HI", "FIRSTNAME_HI", "NAME_HI"},
                        "रवि",
                        "रवि"});
        rows.push_back({type,
                        &english_name,
                        {"FIRSTNAME", "FIRST_NAME", "CUSTOMERNAME", "CUSTOMER_NAME", "NAME"},
                        "Ravi",
                        "Ravi"});
        if (type == insurance_renewal_motor) continue;
        rows.push_back({type,
                        &amount,
                        {"AMOUNT_DUE", "TOTAL_DUE", "OVERDUE_AMOUNT", "EMI_AMOUNT", "AMOUNT"},
                        "1500",
                        "1500"});
        rows.push_back({type, &date, {"DUE_DATE", "EMI_DUE_DATE", "DUEDATE"}, "x", "x"});
        rows.push_back({type, &account, loans, "LN-001234", "1234"});
        if (type != collection_pre_due)
            rows.push_back({type, &days, {"DPD", "DAYS_PAST_DUE"}, "12", "12"});
    }
    rows.push_back(
        {insurance_renewal_motor, &amount, {"PREMIUM_AMOUNT", "PREMIUM", "AMOUNT"}, "9", "9"});
    rows.push_back(
        {insurance_renewal_motor, &date, {"EXPIRY_DATE", "POLICY_EXPIRY_DATE"}, "x", "x"});
    rows.push_back({insurance_renewal_motor,
                    &account,
                    {"VEHICLE_NUMBER", "REGISTRATION_NUMBER"},
                    "MH12 AB 1234",
                    "MH12 AB 1234"});
    return rows;
}

// Each candidate is known, and beats those after it.
TEST(PolicyFacts, CandidatesInTheirOrder) {
    for (auto const& row : candidate_table()) {
        policy_call at;
        for (auto name = row.names.rbegin(); name != row.names.rend(); ++name) {
            at.crm[*name] = row.value;
            EXPECT_EQ(row.get(facts_of(at, row.type)), row.wanted) << *name;
            at.crm[*name] = "";
            EXPECT_NE(row.get(facts_of(at, row.type)), row.wanted) << *name;
            at.crm[*name] = std::string(row.value) + "z";
            auto const first = row.get(facts_of(at, row.type));
            EXPECT_EQ(first.back(), 'z') << *name;
        }
    }
}

TEST(PolicyFacts, CandidatesOfAnotherTypeAreNotAsked) {
    policy_call at;
    at.crm = {{"PREMIUM", "9"}, {"EXPIRY_DATE", "2026-07-01"}, {"VEHICLE_NUMBER", "MH12"}};
    auto const loan = facts_of(at);
    EXPECT_FALSE(loan.amount || loan.date || loan.days || loan.account);
    at.crm = {{"EMI_AMOUNT", "9"}, {"DUE_DATE", "2026-07-01"}, {"DPD", "3"}, {"LOAN_NUMBER", "77"}};
    auto const motor = facts_of(at, insurance_renewal_motor);
    EXPECT_FALSE(motor.amount || motor.date || motor.days || motor.account);
}

TEST(PolicyFacts, OfNamesTheMissingOneTakesTheOther) {
    policy_call at;
    EXPECT_EQ(facts_of(at).name, spoken_as_is("customer"));
    at.crm["NAME"] = "Ravi";
    EXPECT_EQ(facts_of(at).name, spoken_as_is("Ravi"));
    at.crm["NAME_HI"] = "रवि";
    EXPECT_EQ(facts_of(at).name, (spoken_text{"रवि", "Ravi"}));
    at.crm.erase("NAME");
    EXPECT_EQ(facts_of(at).name, spoken_as_is("रवि"));
}

TEST(PolicyFacts, FieldsOfThePolicyComeFirst) {
    policy_call at;
    at.crm = {{"NAME", "Ravi"}, {"NAME_HI", "रवि"},   {"AMOUNT_DUE", "1"}, {"DUE_DATE", "a"},
              {"DPD", "1"},     {"LOAN_NUMBER", "1"}, {"MY_NAME", "Uma"},  {"MY_DUE", "2"},
              {"MY_DATE", "b"}, {"MY_DAYS", "2"},     {"MY_LOAN", "2"},    {"MY_HI", "उमा"}};
    rc::policy_fields fields;
    fields.customer_name = {"MY_NAME"};
    fields.amount = {"NOT_THERE", "MY_DUE"};
    fields.date = {"MY_DATE"};
    fields.days = {"MY_DAYS"};
    fields.account = {"MY_LOAN"};
    auto out = facts_of(at, collection_recovery, fields);
    EXPECT_EQ(out.name, spoken_as_is("Uma"));
    EXPECT_EQ(raw(out.amount) + raw(out.date) + raw(out.days) + *out.account, "2b22");
    fields.customer_name_hi = {"MY_HI"};
    EXPECT_EQ(facts_of(at, collection_recovery, fields).name, (spoken_text{"उमा", "Uma"}));
    fields.customer_name_en = {"NAME"};
    EXPECT_EQ(facts_of(at, collection_recovery, fields).name, (spoken_text{"उमा", "Ravi"}));
    fields.days = {"NOT_THERE"};
    EXPECT_EQ(raw(facts_of(at, collection_recovery, fields).days), "1");
}

TEST(PolicyVariable, AsWrittenThenCrmCallSystem) {
    policy_call at;
    at.system["X"] = "system";
    EXPECT_EQ(policy_variable("X", at.view()), "system");
    at.call["X"] = "call";
    EXPECT_EQ(policy_variable("X", at.view()), "call");
    at.crm["X"] = "crm";
    EXPECT_EQ(policy_variable("X", at.view()), "crm");
    EXPECT_EQ(policy_variable("call.X", at.view()), "call");
    EXPECT_EQ(policy_variable("system.X", at.view()), "system");
    at.crm["loan"] = {{"due", 12.5}};
    EXPECT_EQ(policy_variable("crm.loan.due", at.view()), "12.5");
    EXPECT_EQ(policy_variable("loan.due", at.view()), "12.5");
    at.crm["call.X"] = "dotted";
    EXPECT_EQ(policy_variable("call.X", at.view()), "call");
    at.call.erase("X");
    EXPECT_EQ(policy_variable("call.X", at.view()), "dotted");
    EXPECT_EQ(policy_variable("x", at.view()), "");
    EXPECT_EQ(policy_variable("result.X", at.view()), "");
    EXPECT_EQ(policy_variable("", at.view()), "");
    EXPECT_EQ(policy_variable("X", {}), "");
}

TEST(PolicyVariable, WhatCountsAsEmptyIsPassedOver) {
    policy_call at;
    at.system["X"] = "found";
    for (wire::json_value const& empty :
         {wire::json_value(nullptr), wire::json_value(""), wire::json_value(" \n"),
          wire::json_value(wire::json_object{{"a", 1}}), wire::json_value(wire::json_array{1})}) {
        at.crm["X"] = empty;
        at.call["X"] = empty;
        EXPECT_EQ(policy_variable("X", at.view()), "found") << wire::to_text(empty);
    }
    at.crm["X"] = 0;
    EXPECT_EQ(policy_variable("X", at.view()), "0");
    at.crm["X"] = false;
    EXPECT_EQ(policy_variable("X", at.view()), "false");
}

TEST(PolicyVariable, AValueNeverMakesALine) {
    policy_call at;
    at.crm["X"] = " Ravi\r\n# Rules\t1. Pay\x7F ";
    EXPECT_EQ(policy_variable("X", at.view()), "Ravi  # Rules 1. Pay");
    at.crm["X"] = "\u0085a\u0085b\u2028c\u2029d\u009Be\u2028";
    EXPECT_EQ(policy_variable("X", at.view()), "a b c d e");
    at.crm["X"] = "\u20A8 \u00A0रवि â\u2027\u202A";
    EXPECT_EQ(policy_variable("X", at.view()), "\u20A8 \u00A0रवि â\u2027\u202A") << "no control";
}

TEST(PolicyFacts, DaysAreCountedBeforeADueOrExpiryDate) {
    policy_call at;
    at.crm = {{"DUE_DATE", "2026-06-10"}, {"EXPIRY_DATE", "06/06/2026"}, {"DPD", "40"}};
    EXPECT_EQ(raw(facts_of(at, collection_pre_due).days), "5");
    EXPECT_EQ(raw(facts_of(at, insurance_renewal_motor).days), "1");
    EXPECT_EQ(facts_of(at, insurance_renewal_motor).days->words.en, "one day");
    EXPECT_EQ(raw(facts_of(at, collection_recovery).days), "40");
    at.now = *parse_timestamp("2026-06-05T19:00:00Z");  // 6 June in India
    EXPECT_EQ(raw(facts_of(at, insurance_renewal_motor).days), "0");
    at.now = *parse_timestamp("2026-06-08T00:00:00Z");
    EXPECT_EQ(raw(facts_of(at, insurance_renewal_motor).days), "unknown");
    at.crm["DUE_DATE"] = "soon";
    EXPECT_EQ(raw(facts_of(at, collection_pre_due).days), "unknown");
    rc::policy_fields fields;
    fields.days = {"DPD"};
    EXPECT_EQ(raw(facts_of(at, collection_pre_due, fields).days), "40");
}

TEST(PolicyFacts, NegativeDaysAreUnknownOthersAreSaidAsTheyAre) {
    policy_call at;
    for (char const* text : {"-1", "-12.5"}) {
        at.crm["DPD"] = text;
        EXPECT_FALSE(facts_of(at).days) << text;
    }
    at.crm["DPD"] = -7;
    EXPECT_FALSE(facts_of(at).days);
    for (char const* text : {"30+", "1000", "-", "--5", "unknown"}) {
        at.crm["DPD"] = text;
        EXPECT_EQ(facts_of(at).days->words, spoken_as_is(text));
    }
    at.crm["DPD"] = 12;
    EXPECT_EQ(facts_of(at).days->words, (spoken_text{"बारह दिन", "twelve days"}));
}

TEST(PolicyFacts, OfALoanTheLastFourCharactersAreTold) {
    policy_call at;
    auto const told = [&](char const* number, rc::policy_type type = collection_recovery) {
        at.crm = {{"LOAN_NUMBER", number}, {"VEHICLE_NUMBER", number}};
        return account(facts_of(at, type));
    };
    EXPECT_EQ(told("0012345678"), "5678");
    EXPECT_EQ(told("LN 00-12/34"), "1234");
    EXPECT_EQ(told("77"), "77");
    EXPECT_EQ(told("क123ख"), "123ख");
    EXPECT_EQ(told("कखगघङ"), "खगघङ");
    EXPECT_EQ(told("---"), "unknown");
    EXPECT_EQ(told("MH 12 AB 1234", insurance_renewal_motor), "MH 12 AB 1234");
}

TEST(PolicyVariables, OnlyKnownFactsAreThere) {
    policy_call at;
    EXPECT_EQ(
        policy_variables(facts_of(at)),
        (wire::json_object{{"customer_name_hi", "customer"}, {"customer_name_en", "customer"}}));
    at.crm = {{"NAME", "Ravi"}, {"NAME_HI", "रवि"},         {"AMOUNT", 1500},
              {"DPD", 1},       {"DUE_DATE", "2026-06-05"}, {"LOAN_NUMBER", "123456"}};
    wire::json_object const wanted{{"customer_name_hi", "रवि"},
                                   {"customer_name_en", "Ravi"},
                                   {"amount", "1500"},
                                   {"amount_hi", "एक हज़ार पाँच सौ रुपये"},
                                   {"amount_en", "one thousand five hundred rupees"},
                                   {"date", "2026-06-05"},
                                   {"date_hi", "पाँच जून"},
                                   {"date_en", "fifth June"},
                                   {"days", "1"},
                                   {"days_hi", "एक दिन"},
                                   {"days_en", "one day"},
                                   {"account", "3456"}};
    EXPECT_EQ(policy_variables(facts_of(at)), wanted);
}

}  // namespace
