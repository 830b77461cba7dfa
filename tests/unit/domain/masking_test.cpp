#include "cxb/domain/masking.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

// 20-16
TEST(Masking, Masks) {
    EXPECT_EQ(mask_secret(""), "");
    EXPECT_EQ(mask_secret("a"), "••••••••");
    EXPECT_EQ(mask_secret("12345678"), "••••••••");
    EXPECT_EQ(mask_secret("123456789"), "1234••••••6789");
    EXPECT_EQ(mask_secret("sk-1234567890abcd"), "sk-1••••••abcd");
    EXPECT_EQ(mask_secret("नमस्तेनमस्ते"), "नमस्••••••स्ते");
}

// 20-16
TEST(Masking, RoundTrip) {
    std::string const stored = "sk-1234567890abcd";
    EXPECT_EQ(apply_masked("sk-1••••••abcd", stored).value(), stored);
    EXPECT_EQ(apply_masked("", stored).value(), "");
    EXPECT_EQ(apply_masked("sk-new-secret", stored).value(), "sk-new-secret");
    auto const bad = apply_masked("sk-9••••••zzzz", stored, "/openai");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code(), errc::invalid);
    EXPECT_EQ(bad.error().faults().at(0).pointer, "/openai");
    EXPECT_EQ(bad.error().faults().at(0).reason, "masked value does not match the stored secret");
    EXPECT_FALSE(apply_masked("••••••••", ""));
    EXPECT_EQ(apply_masked("••••••••", "short").value(), "short");
}

TEST(Masking, SecretHeaders) {
    for (auto const* name :
         {"Authorization", "X-API-Key", "x-access-TOKEN", "Set-Cookie", "secret"})
        EXPECT_TRUE(is_secret_header(name)) << name;
    EXPECT_FALSE(is_secret_header("Content-Type"));
}

wire::json_value bot() {
    return wire::parse_json(R"({
      "name":"B","llm":{"provider":"openai","api_key":"sk-1234567890abcd"},
      "stt":{"api_key":null},"widget_api_key":"wk_public",
      "pre_call_fetch":{"auth":{"type":"bearer","token":"tok-1234567890"},
                        "headers":{"X-Api-Key":"0123456789","Accept":"json"}},
      "post_call_push":{"signing_secret":"whsec_0123456789"},
      "tools":[{"http":{"headers":{"Authorization":"Bearer aaaa-one"}}},
               {"http":{"headers":{"Authorization":"Bearer bbbb-two"}}}]})")
        .value();
}

TEST(Masking, MasksABot) {
    auto const shown = mask_document(bot(), bot_secrets);
    EXPECT_EQ(shown.at_pointer("/llm/api_key"), "sk-1••••••abcd");
    EXPECT_EQ(shown.at_pointer("/llm/provider"), "openai");
    EXPECT_TRUE(shown.at_pointer("/stt/api_key").is_null());
    EXPECT_EQ(shown.at_pointer("/widget_api_key"), "wk_public");
    EXPECT_EQ(shown.at_pointer("/pre_call_fetch/auth/type"), "bearer");
    EXPECT_EQ(shown.at_pointer("/pre_call_fetch/auth/token"), "tok-••••••7890");
    EXPECT_EQ(shown.at_pointer("/pre_call_fetch/headers/X-Api-Key"), "0123••••••6789");
    EXPECT_EQ(shown.at_pointer("/pre_call_fetch/headers/Accept"), "json");
    EXPECT_EQ(shown.at_pointer("/post_call_push/signing_secret"), "whse••••••6789");
    EXPECT_EQ(shown.at_pointer("/tools/1/http/headers/Authorization"), "Bear••••••-two");
}

TEST(Masking, DocumentRoundTripKeepsEverySecret) {
    EXPECT_EQ(apply_masked_document(mask_document(bot(), bot_secrets), bot(), bot_secrets).value(),
              bot());
}

TEST(Masking, ReorderedListsKeepTheirSecrets) {
    auto sent = mask_document(bot(), bot_secrets);
    auto& tools = sent.at("tools").as_array();
    std::swap(tools[0], tools[1]);
    auto const out = apply_masked_document(sent, bot(), bot_secrets).value();
    EXPECT_EQ(out.at_pointer("/tools/0/http/headers/Authorization"), "Bearer bbbb-two");
    tools.erase(tools.begin());
    EXPECT_EQ(apply_masked_document(sent, bot(), bot_secrets)
                  .value()
                  .at_pointer("/tools/0/http/headers/Authorization"),
              "Bearer aaaa-one");
}

TEST(Masking, DocumentFaultsNameThePlaces) {
    auto sent = mask_document(bot(), bot_secrets);
    sent.at("llm").as_object()["api_key"] = "sk-9••••••zzzz";
    sent.at("tools").as_array()[0] =
        wire::json_object{{"http", {{"headers", {{"a/auth", "••••••••"}}}}}};
    auto const bad = apply_masked_document(sent, bot(), bot_secrets, "/bot");
    ASSERT_FALSE(bad);
    ASSERT_EQ(bad.error().faults().size(), 2U);
    EXPECT_EQ(bad.error().faults()[0].pointer, "/bot/llm/api_key");
    EXPECT_EQ(bad.error().faults()[1].pointer, "/bot/tools/0/http/headers/a~1auth");
}

TEST(Masking, NewValuesAndOtherTypesPass) {
    auto const sent = wire::json_value{{"llm", {{"api_key", "brand-new"}}}, {"x", 5}};
    EXPECT_EQ(apply_masked_document(sent, bot(), bot_secrets).value(), sent);
    auto const number = wire::json_value{{"llm", {{"api_key", 5}}}};
    EXPECT_EQ(apply_masked_document(number, bot(), bot_secrets).value(), number)
        << "types are judged elsewhere";
    EXPECT_EQ(mask_document(number, bot_secrets).at_pointer("/llm/api_key"), "••••••••");
}

// An object where a list is stored: its names are no indices.
TEST(Masking, NamesThatAreNoIndex) {
    for (auto const* name : {"", "x", "99999999999999999999999", "-1", "7"}) {
        wire::json_object const tool{{"http", {{"headers", {{"Authorization", "new"}}}}}};
        wire::json_value const sent = {{"tools", {{name, tool}}}};
        auto const out = apply_masked_document(sent, bot(), bot_secrets);
        ASSERT_TRUE(out) << name;
        EXPECT_EQ(*out, sent);
    }
}

// 21-20
TEST(Masking, BlanksForLogs) {
    auto const value = wire::json_value{{"api_key", "k"},
                                        {"Authorization", {{"deep", 1}}},
                                        {"token", ""},
                                        {"password", nullptr},
                                        {"prompt_cache_key", "cxb-1"},
                                        {"openai_prompt_cache_key", "cxb-2"},
                                        {"list", {{{"client_secret", 7}}}}};
    EXPECT_EQ(wire::to_text(blank_document(value, log_secrets)),
              R"({"api_key":"***","Authorization":"***","token":"","password":null,)"
              R"("prompt_cache_key":"cxb-1","openai_prompt_cache_key":"cxb-2",)"
              R"("list":[{"client_secret":"***"}]})");
    EXPECT_EQ(wire::to_text(blank_document({{"token", "t"}, {"name", "n"}}, log_secrets, "(gone)")),
              R"x({"token":"(gone)","name":"n"})x");
}

}  // namespace
