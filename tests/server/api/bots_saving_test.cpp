// What is refused, kept and hidden when a bot is saved (spec 20 §5.1).
#include <set>

#include "server/api/api_fixture.hpp"
#include "server/api/bots/bot_document.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/api/bots/document_diff.hpp"

namespace cxb::api::test {
namespace {

using list = std::vector<std::string>;

struct BotsSaving : api_test {
    BotsSaving() { start(); }
    list pointers(answer const& got) {
        list out;
        EXPECT_EQ(got.status, 422) << got.body;
        if (got.status == 422)
            for (auto const& one : got.json.at("errors").as_array())
                out.emplace_back(one.at("pointer").as_string());
        return out;
    }
    answer post(json_object body) {
        body.emplace("name", "x");
        return admin("POST", "/api/v1/bots", body);
    }
    list faults(json_object body) { return pointers(post(std::move(body))); }
};

json_object const target{
    {"id", "a"},          {"label", "Desk"},   {"method", "agent_desk"}, {"type", "agent_queue"},
    {"value", "default"}, {"is_default", true}};

// What browsers never send as Origin would close the widget to everybody.
TEST_F(BotsSaving, WidgetOriginsAreOrigins) {
    EXPECT_EQ(
        faults({{"name", "B"},
                {"widget_allowed_origins",
                 {"https://shop.example.com", "shop.example.com", "https://a.example/shop", "", "*",
                  "null", "http://localhost:3000/", "https://*.example.com", "ftp://a.example",
                  "https://u:p@a.example", "https://a.example#x"}}}),
        (list{"/widget_allowed_origins/1", "/widget_allowed_origins/2", "/widget_allowed_origins/3",
              "/widget_allowed_origins/4", "/widget_allowed_origins/5", "/widget_allowed_origins/7",
              "/widget_allowed_origins/8", "/widget_allowed_origins/9",
              "/widget_allowed_origins/10"}));
}

// What is stored has members that were never sent; they must not stand in the way of a change.
TEST_F(BotsSaving, ABotWithAPushWithoutAuthCanBeChanged) {
    auto const made = post({{"post_call_push", {{"url", "http://127.0.0.1:9090/calls"}}}});
    ASSERT_EQ(made.status, 201) << made.body;
    auto const path = "/api/v1/bots/" + made.text("id");
    auto const changed = admin("PUT", path, {{"description", "second"}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(admin("PUT", path, changed.json.as_object()).status, 200);
    json_object const bad{{"url", "http://127.0.0.1:9090/calls"},
                          {"auth",
                           {{"type", "oauth2_client_credentials"},
                            {"token_url", "http://169.254.169.254/token"},
                            {"client_id", "a"},
                            {"client_secret", "b"}}}};
    EXPECT_EQ(pointers(admin("PUT", path, {{"post_call_push", bad}})),
              (list{"/post_call_push/auth/token_url"}));
}

TEST_F(BotsSaving, FaultsOfEveryKindComeTogether) {  // 20-19
    json_object const tool{{"type", "function"}, {"function", {{"name", "end_call"}}}};
    EXPECT_EQ(
        faults({{"dead_air_seconds", 3},
                {"timezone", "Mars/One"},
                {"active_hours", {{"days", {"Someday"}}, {"end_time", "25:00"}}},
                {"prompt_mode", "direct"},
                {"static_system_prompt", "Hi {{NAME}}"},
                {"conversation_policy", {{"type", "collection_recovery"}}},
                {"post_call_cache", {{"enabled", true}}},
                {"post_call_analysis_prompt", "{{call.x}}"},
                {"qc_prompt", "{{NAME}}"},
                {"tools", {json_value(tool), json_value(tool)}},
                {"transfer_targets", {json_value(target), json_value(target)}},
                {"pre_call_fetch", {{"url", "http://169.254.169.254/x"}, {"retries", 9}}},
                {"post_call_push",
                 {{"url", "ftp://crm.example.com/"},
                  {"key_mapper", {{"a", {{"b", {"{{c}}", "{{d} {{e}}"}}}}}}}},
                {"llm", {{"provider", "x"}, {"model", "m"}, {"api_key", "sk-9••••••zzzz"}}}}),
        (list{"/active_hours/days/0", "/active_hours/end_time", "/llm/api_key", "/dead_air_seconds",
              "/pre_call_fetch/retries", "/post_call_push/key_mapper/a/b/1",
              "/tools/1/function/name", "/transfer_targets/1/id", "/transfer_targets/1/is_default",
              "/static_system_prompt", "/post_call_analysis_prompt", "/qc_prompt", "/timezone",
              "/conversation_policy", "/pre_call_fetch/url", "/post_call_push/url"}));
    EXPECT_EQ(admin("GET", "/api/v1/bots").json.at("total").to_number<int>(), 0);
}

TEST_F(BotsSaving, EveryAddressPassesTheGuard) {
    char const* const inside = "http://10.0.0.1/v1";
    json_object const block{{"provider", "x"}, {"model", "m"}, {"base_url", inside}};
    json_object with_fallback{{"provider", "x"}, {"model", "m"}, {"fallback", block}};
    for (char const* name : {"stt", "llm", "tts", "post_call_llm"}) {
        auto const at = "/" + std::string(name);
        EXPECT_EQ(faults({{name, block}}), list{at + "/base_url"});
        EXPECT_EQ(faults({{name, with_fallback}}), list{at + "/fallback/base_url"});
    }
    json_object const tool{{"type", "function"},
                           {"kind", "http"},
                           {"function", {{"name", "f"}}},
                           {"http", {{"url", inside}}}};
    EXPECT_EQ(faults({{"tools", {json_value(tool)}}}), list{"/tools/0/http/url"});
    for (char const* url : {"https://{{call.host}}/x", "https://crm.example.com/{{call.id}}"})
        EXPECT_EQ(post({{"pre_call_fetch", {{"url", url}}}}).status, 201) << url;
    for (char const* url : {"crm.example.com", "https://u:p@crm.example.com/", "http://0x7f.1/"})
        EXPECT_EQ(faults({{"post_call_push", {{"url", url}}}}), list{"/post_call_push/url"}) << url;
}

// The domain's rule, which also sees an opening inside an open token.
TEST_F(BotsSaving, AMapperTemplateThatNeverClosesIsRefused) {
    for (char const* text : {"{{a", "x {{a}} {{b", "{{a {{b}}", "{{a}"})
        EXPECT_EQ(faults({{"post_call_push",
                           {{"url", "https://crm.example.com/"}, {"key_mapper", {{"k", text}}}}}}),
                  list{"/post_call_push/key_mapper/k"})
            << text;
    for (char const* text : {"{{a}} }}", "{ {a} }", "{\"a\":{\"b\":{{{c}}}}}", ""})
        EXPECT_EQ(post({{"post_call_push",
                         {{"url", "https://crm.example.com/"}, {"key_mapper", {{"k", text}}}}}})
                      .status,
                  201)
            << text;
}

TEST_F(BotsSaving, EverySecretIsHiddenAndItsMaskKeepsIt) {  // 20-20
    json_object const auth{
        {"type", "basic"}, {"username", "user-user-user"}, {"password", "pass-pass-pass"}};
    json_object const headers{
        {"X-Api-Key", "head-head-head"}, {"Cookie", "cook-cook-cook"}, {"X-Plain", "plain-plain"}};
    json_object const tool{{"type", "function"},
                           {"kind", "http"},
                           {"function", {{"name", "f"}}},
                           {"http",
                            {{"url", "https://crm.example.com/"},
                             {"headers", {{"Authorization", "tool-tool-tool"}}}}}};
    json_object const fallback{{"provider", "y"}, {"model", "m"}, {"api_key", "fall-fall-fall"}};
    json_object const content{
        {"name", "x"},
        {"llm",
         {{"provider", "x"},
          {"model", "m"},
          {"api_key", "main-main-main"},
          {"fallback", fallback}}},
        {"tools", {json_value(tool)}},
        {"pre_call_fetch",
         {{"url", "https://crm.example.com/"}, {"auth", auth}, {"headers", headers}}},
        {"post_call_push",
         {{"url", "https://crm.example.com/"},
          {"sign", true},
          {"auth", {{"type", "bearer"}, {"token", "tokn-tokn-tokn"}}}}}};
    auto const made = post(content);
    ASSERT_EQ(made.status, 201) << made.body;
    std::string const at = "/api/v1/bots/" + made.text("id");
    auto const shown = admin("GET", at);
    EXPECT_EQ(shown.text("pre_call_fetch.auth.username"), "user••••••user");
    EXPECT_EQ(shown.text("pre_call_fetch.auth.type"), "basic");
    EXPECT_EQ(shown.text("pre_call_fetch.headers.X-Plain"), "plain-plain");
    for (char const* secret : {"user-user", "pass-pass", "head-head", "cook-cook", "tool-tool",
                               "fall-fall", "main-main", "tokn-tokn", "whsec_"})
        for (auto const& read : {made, shown, admin("GET", at + "/versions/1")})
            EXPECT_EQ(read.body.find(secret), std::string::npos) << secret;
    // The whole answer sent back changes nothing.
    auto const same = admin("PUT", at, shown.json);
    ASSERT_EQ(same.status, 200) << same.body;
    EXPECT_EQ(same.json.at("version").to_number<int>(), 1);
    // Beside another change of its block a mask still stands for the secret.
    auto push = shown.json.at("post_call_push").as_object();
    push["max_attempts"] = 3;
    EXPECT_EQ(admin("PUT", at, json_object{{"post_call_push", push}}).status, 200);
    auto const back = admin("GET", at + "/diff?from=1&to=2");
    EXPECT_EQ(back.body, R"([{"path":"/post_call_push/max_attempts","op":"replace",)"
                         R"("old":10,"new":3}])");
    auto fetch = shown.json.at("pre_call_fetch").as_object();
    fetch["auth"].as_object()["password"] = "pass••••••xxxx";
    EXPECT_EQ(pointers(admin("PUT", at, json_object{{"pre_call_fetch", fetch}})),
              list{"/pre_call_fetch/auth/password"});
    EXPECT_EQ(config(made.text("id")).text("llm.fallback.api_key"), "fall-fall-fall");
}

TEST_F(BotsSaving, WhatIsNotUnderstoodIsKeptAndNamed) {
    json_object const tool{{"type", "function"}, {"function", {{"name", "f"}}}, {"retries", 2}};
    auto const made = post({{"future", {{"a", 1}}},
                            {"llm", {{"provider", "x"}, {"model", "m"}, {"temprature", 0.1}}},
                            {"tts", {{"provider", "x"}, {"voice", "an alias"}}},
                            {"tools", {json_value(tool)}},
                            {"active_hours", {{"lunch", "13:00"}}},
                            {"gone", nullptr}});
    ASSERT_EQ(made.status, 201) << made.body;
    std::set<std::string> warnings;
    for (auto const& one : made.json.at("warnings").as_array())
        warnings.emplace(one.as_string());
    EXPECT_EQ(warnings, (std::set<std::string>{"active_hours.lunch", "future", "llm.temprature",
                                               "tools.0.retries"}));
    auto const shown = admin("GET", "/api/v1/bots/" + made.text("id"));
    EXPECT_EQ(shown.json.at("future").at("a").to_number<int>(), 1);
    EXPECT_EQ(shown.json.at("llm").at("temprature").to_number<double>(), 0.1);
    EXPECT_EQ(shown.json.at("tools").at(0).at("retries").to_number<int>(), 2);
    EXPECT_EQ(shown.text("tts.voice_id"), "an alias");
    EXPECT_FALSE(shown.json.as_object().contains("gone"));
    EXPECT_EQ(config(made.text("id")).status, 200);
    auto const less =
        admin("PUT", "/api/v1/bots/" + made.text("id"), json_object{{"future", nullptr}});
    EXPECT_FALSE(less.json.as_object().contains("future"));
    EXPECT_EQ(less.json.at("warnings").as_array().size(), 3U);
    EXPECT_EQ(faults({{"a.b", 1}, {"dead_air_seconds", 1}}), (list{"/a.b", "/dead_air_seconds"}));
}

TEST_F(BotsSaving, WhatOnlyTheServerWritesIsIgnored) {
    json_object const theirs{{"_id", "65f0000000000000000000ff"},
                             {"id", "65f0000000000000000000ff"},
                             {"version", 77},
                             {"use_rev", 9},
                             {"created_at", "2000-01-01T00:00:00.000Z"},
                             {"created_by", "nobody"},
                             {"updated_at", "2000-01-01T00:00:00.000Z"},
                             {"updated_by", "nobody"},
                             {"deleted_at", "2000-01-01T00:00:00.000Z"},
                             {"locked", true},
                             {"locked_by", {1}},
                             {"warnings", {"x"}},
                             {"widget_api_key", "wk_mine"},
                             {"post_call_cache_state", {{"ready", true}}},
                             {"live_prompt_cache_state", {{"status", "ready"}}}};
    auto const made = post(theirs);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_NE(made.text("id"), "65f0000000000000000000ff");
    EXPECT_EQ(made.json.at("version").to_number<int>(), 1);
    EXPECT_EQ(made.text("created_by"), admin_email);
    EXPECT_TRUE(made.json.at("warnings").as_array().empty()) << made.body;
    std::string const at = "/api/v1/bots/" + made.text("id");
    auto const same = admin("PUT", at, theirs);
    EXPECT_EQ(same.json.at("version").to_number<int>(), 1);
    for (char const* name : {"widget_api_key", "post_call_cache_state", "live_prompt_cache_state"})
        EXPECT_TRUE(same.json.at(name).is_null()) << name;
    EXPECT_EQ(same.json.at("locked").as_bool(), false);
    EXPECT_EQ(admin("GET", at).status, 200);
}

TEST_F(BotsSaving, ABotHoldsOneMebibyte) {
    std::string const part(250 * limits::kib, 'x');
    json_object const big{{"system_prompt", part},
                          {"static_system_prompt", part},
                          {"dynamic_runtime_prompt", part},
                          {"prompt_mode", "legacy"}};
    auto const made = post(big);
    ASSERT_EQ(made.status, 201) << made.status;
    EXPECT_EQ(post({{"x", std::string(limits::bot_body, 'x')}}).status, 413);
    // Each request fits, the bot would not.
    std::string const at = "/api/v1/bots/" + made.text("id");
    json_object const more{{"future", {{"a", std::string(300 * limits::kib, 'x')}}}};
    auto const refused = admin("PUT", at, more);
    EXPECT_EQ(refused.status, 413) << refused.body.substr(0, 200);
    EXPECT_EQ(admin("GET", at).json.at("version").to_number<int>(), 1);
}

TEST_F(BotsSaving, ANumberWrittenAnotherWayIsNoChange) {
    auto const made = post({{"llm", {{"provider", "x"}, {"model", "m"}, {"temperature", 1}}},
                            {"vad", {{"confidence", 1}}},
                            {"knowledge_score_threshold", 0}});
    std::string const at = "/api/v1/bots/" + made.text("id");
    auto const same =
        admin("PUT", at,
              json_object{{"llm", {{"provider", "x"}, {"model", "m"}, {"temperature", 1.0}}},
                          {"knowledge_score_threshold", 0.0}});
    EXPECT_EQ(same.json.at("version").to_number<int>(), 1) << same.body;
    EXPECT_EQ(admin("GET", at + "/versions").json.at("total").to_number<int>(), 1);
}

TEST_F(BotsSaving, TheListFindsAndShowsWhatItPromises) {
    auto const made = post({{"name", "Gold Collect"},
                            {"timezone", "Asia/Kolkata"},
                            {"stt", {{"provider", "sarvam"}}},
                            {"llm", {{"provider", "openai"}, {"model", "m"}}},
                            {"conversation_policy", {{"type", "collection_recovery"}}}});
    ASSERT_EQ(made.status, 201) << made.body;
    post({{"name", "Silver"}, {"is_active", false}});
    auto const found = admin("GET", "/api/v1/bots?q=gold&is_active=true");
    ASSERT_EQ(found.json.at("items").as_array().size(), 1U) << found.body;
    auto row = found.json.at("items").at(0).as_object();
    EXPECT_NE(wire::text_at(row, "updated_at"), "");
    row.erase("created_at");
    row.erase("updated_at");
    EXPECT_EQ(wire::to_canonical(json_value(row)),
              R"({"id":")" + made.text("id") +
                  R"(","is_active":true,"llm_provider":"openai","locked":false,)"
                  R"("name":"Gold Collect","policy_type":"collection_recovery",)"
                  R"("stt_provider":"sarvam","timezone":"Asia/Kolkata","tts_provider":"",)"
                  R"("version":1})");
    auto const count = [&](char const* query) {
        return admin("GET", std::string("/api/v1/bots?") + query).json.at("total").to_number<int>();
    };
    EXPECT_EQ(count("is_active=false"), 1);
    EXPECT_EQ(count("q=collect&is_active=false"), 0);
    EXPECT_EQ(count("q="), 2);
    EXPECT_EQ(admin("GET", "/api/v1/bots?active=1").status, 422);
    EXPECT_EQ(admin("GET", "/api/v1/bots?limit=201").status, 422);
}

TEST_F(BotsSaving, UnreadableVersionsNeverMatch) {
    std::string const at = "/api/v1/bots/" + post({}).text("id");
    for (char const* tag : {"1", "\"x\"", "\"\"", "W/\"1\"", "\"2\"", "\"-1\""}) {
        auto const got = admin("PUT", at, json_object{{"description", "a"}}, {{"If-Match", tag}});
        EXPECT_EQ(got.status, 412) << tag;
        EXPECT_EQ(got.text("code"), "version_conflict") << tag;
    }
    auto const got = admin("PUT", at, json_object{{"description", "a"}}, {{"If-Match", "*"}});
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.headers.get("ETag"), "\"2\"");
    EXPECT_EQ(admin("GET", at).headers.get("ETag"), "\"2\"");
}

TEST(DocumentDiff, ComparesMembersAndItems) {
    json_object const from{{"a", 1}, {"b", {{"c", {1, 2, 3}}, {"d", nullptr}}}, {"e/~", "x"}};
    json_object const to{{"a", 1}, {"b", {{"c", {1, 5}}, {"f", true}}}, {"g", {{"h", 1}}}};
    wire::json_array out;
    for (auto const& one : diff_documents(from, to))
        out.push_back(to_json(one));
    EXPECT_EQ(wire::to_text(json_value(out)),
              R"([{"path":"/b/c/1","op":"replace","old":2,"new":5},)"
              R"({"path":"/b/c/2","op":"remove","old":3},{"path":"/b/f","op":"add","new":true},)"
              R"({"path":"/b/d","op":"remove","old":null},{"path":"/g","op":"add","new":{"h":1}},)"
              R"({"path":"/e~1~0","op":"remove","old":"x"}])");
    EXPECT_TRUE(diff_documents(from, from).empty());
    // Another kind of value is one change.
    EXPECT_EQ(diff_documents({{"a", {{"b", 1}}}}, {{"a", {1}}}).size(), 1U);
}

}  // namespace
}  // namespace cxb::api::test
