#include "cxb/domain/call_variables.hpp"

#include <gtest/gtest.h>

#include "cxb/domain/template_text.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;

TEST(CallVariables, HeaderNames) {
    EXPECT_EQ(sip_variable_name("X-Acct-Id"), "x_acct_id");
    EXPECT_EQ(sip_variable_name("X-Ünit"), "x___nit");
}

TEST(CallVariables, KeepsOnlyXHeaders) {
    wire::json_object const given{{"X-Acct-Id", "77"},
                                  {"sip.h.x-campaign", "spring"},
                                  {"SIP.H.X-Upper", 5},
                                  {"x-acct-id", "second"},
                                  {"From", "someone"},
                                  {"X-", "no name"},
                                  {"X-List", wire::json_array{1}},
                                  {"X-Ctl", "a\r\nb\x7f"},
                                  {"X-" + std::string(63, 'n'), "name too long"},
                                  {"X-Long", std::string(600, 'v')}};
    auto const kept = kept_sip_headers(given);
    EXPECT_EQ(kept.size(), 5U);
    EXPECT_EQ(kept.at("X-Acct-Id"), "77");
    EXPECT_EQ(kept.at("x-campaign"), "spring");
    EXPECT_EQ(kept.at("X-Upper"), "5");
    EXPECT_EQ(kept.at("X-Ctl"), "ab");
    EXPECT_EQ(kept.at("X-Long").as_string().size(), max_sip_header_value);
}

TEST(CallVariables, AtMost64Headers) {
    wire::json_object many;
    for (int i = 0; i < 70; ++i)
        many["X-" + std::to_string(i)] = "v";
    EXPECT_EQ(kept_sip_headers(many).size(), max_sip_headers);
}

TEST(CallVariables, RulesOfABot) {
    wire::json_value const config = {{"enabled", true},
                                     {"headers",
                                      {{{"header", "X-Acct-Id"}},
                                       {{"header", "X-Plan"}, {"name", "plan"}},
                                       {{"name", "x"}},
                                       5}}};
    auto const rules = sip_header_rules(config);
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules[0].name, "x_acct_id");
    EXPECT_EQ(rules[1].name, "plan");
    EXPECT_TRUE(sip_header_rules({{"enabled", false}, {"headers", {{{"header", "X-A"}}}}}).empty());
    EXPECT_TRUE(sip_header_rules(nullptr).empty());
    EXPECT_TRUE(sip_header_rules({{"enabled", true}, {"headers", "no"}}).empty());
}

TEST(CallVariables, SelectsConfiguredHeaders) {
    auto const kept = kept_sip_headers({{"x-ACCT-id", "77"}, {"X-Other", "1"}, {"X-Plan", "G1"}});
    auto const chosen =
        select_sip_headers(kept, {{"X-Acct-Id", "x_acct_id"}, {"X-Plan", "plan"}, {"X-None", "n"}});
    EXPECT_EQ(wire::to_text(chosen.headers), R"({"x-acct-id":"77","x-plan":"G1"})");
    EXPECT_EQ(wire::to_text(chosen.variables),
              R"({"sip_header_x_acct_id":"77","sip_header_plan":"G1"})");
}

TEST(CallVariables, CallNamespace) {
    auto const call = call_namespace({{"caller_id", "own"}, {"A", 1}},
                                     {{"sip_header_x_acct_id", "77"}}, {"+91", "st-1", "s-1"});
    EXPECT_EQ(wire::to_text(call), R"({"caller_id":"own","A":1,"sip_header_x_acct_id":"77",)"
                                   R"("stream_id":"st-1","session_id":"s-1"})");
}

// 20-30
TEST(CallVariables, CrmOverlay) {
    wire::json_object const event{{"a", 1}, {"b", 1}};
    wire::json_object const mock{{"a", 2}};
    wire::json_object const fetched{{"b", 3}};
    auto const crm = effective_crm(event, &mock, &fetched);
    auto const call = call_namespace(event, {}, {});
    template_variables view;
    view.call = &call;
    view.crm = &crm;
    EXPECT_EQ(render_template("{{crm.a}}{{crm.b}}{{call.a}}", view, unresolved_policy::literal),
              "231");
    EXPECT_EQ(effective_crm(event, nullptr, nullptr), event);
    wire::json_object const deep{{"a", wire::json_object{{"x", 1}}}};
    EXPECT_EQ(wire::to_text(effective_crm({{"a", wire::json_object{{"y", 2}}}}, &deep, nullptr)),
              R"({"a":{"x":1}})")
        << "members are replaced whole";
}

}  // namespace
