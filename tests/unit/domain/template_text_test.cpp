#include "cxb/domain/template_text.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;
using enum unresolved_policy;

struct variables {
    wire::json_object call{{"NAME", "Asha"}, {"n", 3}};
    wire::json_object crm{{"NAME", "Asha R"}, {"addr", wire::json_object{{"city", "Pune"}}}};
    wire::json_object system;
    wire::json_object result;
    wire::json_object analysis;
    template_variables view;
    variables() {
        view.call = &call;
        view.crm = &crm;
        view.system = &system;
    }
};

std::string render(std::string_view text, variables const& v, unresolved_policy policy = literal) {
    return render_template(text, v.view, policy);
}

// 20-28: the examples of spec 20 §6
TEST(TemplateText, ExamplesOfTheSpec) {
    variables v;
    EXPECT_EQ(render("{{NAME}}", v), "Asha R");
    EXPECT_EQ(render("{{call.NAME}}", v), "Asha");
    EXPECT_EQ(render("{{crm.addr.city}}", v), "Pune");
    EXPECT_EQ(render("{{addr}}", v), R"({"city":"Pune"})");
    EXPECT_EQ(render("{{x.NAME}}", v), "Asha R");
    EXPECT_EQ(render("{{name}}", v), "{{name}}");
    EXPECT_EQ(render("{{n}}", v), "3");
    v.crm["NAME"] = "{{n}}";
    EXPECT_EQ(render("<{{NAME}}>", v), "<{{n}}>");
}

TEST(TemplateText, TokenShape) {
    variables v;
    EXPECT_EQ(render("a {{  NAME\t}} b", v), "a Asha R b");
    EXPECT_EQ(render("{{{NAME}}}", v), "{Asha R}");
    EXPECT_EQ(render("{{NA\nME}}", v, empty), "{{NA\nME}}");
    EXPECT_EQ(render("{{}}{{ }}", v, empty), "{{}}{{ }}");
    EXPECT_EQ(render("{{NAME", v, empty), "{{NAME");
    EXPECT_EQ(render("{{NAME} }", v, empty), "{{NAME} }");
    EXPECT_EQ(render("{{a{{NAME}}", v, empty), "{{aAsha R");
    EXPECT_EQ(render("{ {NAME}} }}", v, empty), "{ {NAME}} }}");
    EXPECT_EQ(render("", v), "");
    EXPECT_EQ(render("{{full name}}", v, empty), "");
}

TEST(TemplateText, NamesUpTo128Characters) {
    variables v;
    std::string const fits(128, 'k');
    std::string hindi;
    for (int i = 0; i < 128; ++i)
        hindi += "न";
    v.call[fits] = "yes";
    v.call[hindi] = "haan";
    EXPECT_EQ(render("{{" + fits + "}}", v), "yes");
    EXPECT_EQ(render("{{" + hindi + "}}", v), "haan");
    EXPECT_EQ(render("{{" + fits + "k}}", v, empty), "{{" + fits + "k}}");
}

TEST(TemplateText, NamespacesAreExclusive) {
    variables v;
    v.call["crm.only"] = "flat trick";
    v.crm["a.b"] = "exact";
    v.crm["a"] = wire::json_object{{"b", "nested"}};
    EXPECT_EQ(render("{{crm.only}}", v), "{{crm.only}}");
    EXPECT_EQ(render("{{crm.a.b}}", v), "exact");
    EXPECT_EQ(render("{{crm.addr.zip}}", v, empty), "");
    EXPECT_EQ(render("{{result.call_id}}", v), "{{result.call_id}}");
    v.result["call_id"] = "s1";
    v.view.result = &v.result;
    EXPECT_EQ(render("{{result.call_id}}", v), "s1");
}

TEST(TemplateText, FlatTokensNeverReachResultAnalysisOrQc) {
    variables v;
    v.analysis["DISPOSITION"] = "PTP";
    v.view.analysis = &v.analysis;
    EXPECT_EQ(render("{{DISPOSITION}}", v, empty), "");
    EXPECT_EQ(render("{{x.DISPOSITION}}", v, empty), "");
    EXPECT_EQ(render("{{analysis.DISPOSITION}}", v, empty), "PTP");
}

TEST(TemplateText, FlatOrderIsSystemCrmCall) {
    variables v;
    v.call["k"] = "call";
    EXPECT_EQ(render("{{k}}", v), "call");
    v.crm["k"] = "crm";
    EXPECT_EQ(render("{{k}}", v), "crm");
    v.system["k"] = "system";
    EXPECT_EQ(render("{{k}}", v), "system");
    v.call["a.k"] = "exact";
    EXPECT_EQ(render("{{a.k}}", v), "exact");
    EXPECT_EQ(render("{{a.b.k}}", v, empty), "") << "one segment is cut, not two";
}

TEST(TemplateText, PresentButEmptyIsResolved) {
    variables v;
    v.crm["e"] = "";
    v.crm["z"] = nullptr;
    unresolved_list missing;
    EXPECT_EQ(render_template("[{{e}}{{z}}]", v.view, literal, &missing), "[]");
    EXPECT_TRUE(missing.empty());
}

TEST(TemplateText, ArgsStayLiteral) {
    variables v;
    v.call["args.x"] = "no";
    v.call["x"] = "no";
    unresolved_list missing;
    EXPECT_EQ(render_template("{{ args.x }}", v.view, empty, &missing), "{{ args.x }}");
    EXPECT_TRUE(missing.empty());
}

TEST(TemplateText, UnresolvedNamesOnceInOrder) {
    variables v;
    unresolved_list missing;
    (void)render_template("{{b}} {{a}} {{b}} {{NAME}}", v.view, literal, &missing);
    EXPECT_EQ(missing, (unresolved_list{"b", "a"}));
}

TEST(TemplateText, PolicyNamespaceOnlyWhereGiven) {
    variables v;
    v.call["amount"] = "flat";
    EXPECT_EQ(render("{{policy.amount}}", v), "flat");
    wire::json_object const policy{{"amount", "1500"}};
    v.view.policy = &policy;
    EXPECT_EQ(render("{{policy.amount}}", v), "1500");
    EXPECT_EQ(render("{{policy.nope}}", v, empty), "");
}

TEST(TemplateText, ValuesAsText) {
    EXPECT_EQ(value_as_text("a\"b"), "a\"b");
    EXPECT_EQ(value_as_text(5.0), "5");
    EXPECT_EQ(value_as_text(0.1), "0.1");
    EXPECT_EQ(value_as_text(-7), "-7");
    EXPECT_EQ(value_as_text(std::uint64_t{18446744073709551615ULL}), "18446744073709551615");
    EXPECT_EQ(value_as_text(true), "true");
    EXPECT_EQ(value_as_text(nullptr), "");
    EXPECT_EQ(value_as_text(wire::json_array{"नाम", 1}), R"(["नाम",1])");
}

TEST(TemplateText, ListsTokens) {
    compiled_template const text{"{{a}} {{crm.b}} {{args.c}} {{a}} {{odd.d}}"};
    EXPECT_TRUE(text.has_tokens());
    EXPECT_EQ(text.tokens(), (std::vector<template_token>{
                                 {"a", token_namespace::flat},
                                 {"crm.b", token_namespace::crm},
                                 {"args.c", token_namespace::args},
                                 {"odd.d", token_namespace::flat},
                             }));
    EXPECT_EQ(word_of(token_namespace::analysis), "analysis");
    EXPECT_FALSE(compiled_template{"plain"}.has_tokens());
}

TEST(TemplateText, UrlsEncodeValues) {
    variables v;
    v.crm["q"] = "a b&c/d";
    v.call["base"] = "https://crm.example.com/x";
    compiled_template const plain{"https://h/{{crm.q}}?n={{crm.q}}&m={{nope}}"};
    EXPECT_EQ(plain.render_url(v.view, empty), "https://h/a%20b%26c%2Fd?n=a%20b%26c%2Fd&m=");
    compiled_template const based{"{{call.base}}/p/{{crm.q}}"};
    EXPECT_EQ(based.render_url(v.view, empty), "https://crm.example.com/x/p/a%20b%26c%2Fd");
    v.crm["tenant"] = "evil.example/";
    compiled_template const host{"https://{{crm.tenant}}.crm.example.com/"};
    EXPECT_EQ(host.render_url(v.view, empty), "https://evil.example%2F.crm.example.com/");
}

TEST(TemplateText, RendersWholeDocuments) {
    variables v;
    wire::json_value const body = {
        {"{{NAME}}", "{{NAME}}"}, {"list", {1, "{{n}}", {{"deep", "{{nope}}"}}}}, {"flag", true}};
    unresolved_list missing;
    EXPECT_EQ(wire::to_text(render_json(body, v.view, empty, &missing)),
              R"({"{{NAME}}":"Asha R","list":[1,"3",{"deep":""}],"flag":true})");
    EXPECT_EQ(missing, unresolved_list{"nope"});
}

TEST(TemplateText, FindsUnclosedTokens) {
    EXPECT_FALSE(has_unclosed_token("a {{b}} c }}"));
    EXPECT_TRUE(has_unclosed_token("a {{b}} {{c"));
    EXPECT_TRUE(has_unclosed_token("{{a}"));
    EXPECT_TRUE(has_unclosed_token("{{a {{b}}"));
    EXPECT_FALSE(has_unclosed_token("{\"a\":{\"b\":{{{c}}}}}"));
    EXPECT_FALSE(has_unclosed_token(""));
}

TEST(TemplateText, FindsSingleVariables) {
    variables v;
    EXPECT_EQ(*find_variable("crm.addr.city", v.view), "Pune");
    EXPECT_EQ(find_variable("args.x", v.view), nullptr);
    EXPECT_EQ(find_variable("nope", template_variables{}), nullptr);
}

}  // namespace
