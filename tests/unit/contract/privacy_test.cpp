#include "cxb/contract/call_results/privacy.hpp"

#include <gtest/gtest.h>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

TEST(Privacy, SecretNames) {
    for (auto const* name :
         {"key", "api_key", "API_KEY", "apikey", "client_secret", "secrets", "token", "max_tokens",
          "Authorization_Token", "password", "db_passwords"})
        EXPECT_TRUE(is_secret_name(name)) << name;
    for (auto const* name : {"prompt_cache_key", "keyterm", "provider", "model", "monkeys", ""})
        EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(Privacy, SnapshotAtAnyDepth) {
    auto const config = wire::raw_json::trusted(
        R"({"stt":{"provider":"x","api_key":"k"},"list":[{"token":{"a":1}},[{"password":null}]],)"
        R"("prompt_cache_key":"p"})");
    EXPECT_EQ(redact_pipeline_config(config).text(),
              R"({"stt":{"provider":"x","api_key":"***"},"list":[{"token":"***"},)"
              R"([{"password":"***"}]],"prompt_cache_key":"p"})");
}

TEST(Privacy, CleanSnapshotKeepsItsText) {
    auto const config = wire::raw_json::trusted(R"({"rate":1.10,"api_key":"***"})");
    EXPECT_EQ(redact_pipeline_config(config).text(), config.text());
}

TEST(Privacy, ShortEventDataIsLeftAlone) {
    EXPECT_EQ(cut_event_data({{"call_id", "c1"}}).text(), R"({"call_id":"c1"})");
}

TEST(Privacy, LongTextsAreCut) {
    wire::json_object const data{
        {"call_id", "c1"}, {"http_status", 200}, {"result", {{"body", std::string(40'000, 'x')}}}};
    auto const cut = cut_event_data(data);
    EXPECT_LE(cut.size(), limits::item_json);
    EXPECT_GT(cut.size(), limits::item_json / 2) << "no more than needed";
    auto const object = cut.to_object();
    EXPECT_TRUE(object.at("truncated").as_bool());
    EXPECT_EQ(wire::text_at(object, "call_id"), "c1");
    EXPECT_TRUE(wire::text_at(object, "result.body").starts_with("xxx"));
}

TEST(Privacy, TextsAreNotCutInsideACharacter) {
    std::string text;
    while (text.size() < 30'000)
        text += "नमस्ते ";
    auto const cut = cut_event_data({{"text", text}}, 5000);
    EXPECT_LE(cut.size(), 5000U);
    EXPECT_TRUE(is_utf8(cut.text()));
}

TEST(Privacy, ManySmallValues) {
    wire::json_array list;
    for (int i = 0; i < 5000; ++i)
        list.emplace_back("value " + std::to_string(i));
    auto const cut = cut_event_data({{"call_id", "c1"}, {"result", std::move(list)}});
    EXPECT_EQ(cut.text(), R"({"call_id":"c1","truncated":true})") << "largest member left out";
}

TEST(Privacy, EscapedTextsFitToo) {
    auto const cut =
        cut_event_data({{"a", std::string(20'000, '\n')}, {"b", std::string(20'000, '"')}});
    EXPECT_LE(cut.size(), limits::item_json);
    EXPECT_TRUE(cut.to_object().at("truncated").as_bool());
}

}  // namespace
