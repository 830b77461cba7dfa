// What can be done with one bot: post-call cache, widget key, addresses, variables, preview
// (spec 20 §5.2).
#include <set>

#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

struct BotsActions : api_test {
    answer cache(std::string const& id, std::string const& step) {
        return admin("POST", "/api/v1/bots/" + id + "/post-call-cache/" + step, json_object{});
    }
    std::string cached_bot() {
        return make_bot(
            {{"llm", {{"provider", "google"}, {"model", "gemini-2.5-flash"}, {"api_key", "k"}}},
             {"post_call_analysis_prompt", "Summarise."},
             {"qc_prompt", "Score it."}});
    }
    // A call whose analysis read `tokens` tokens from the cache.
    void finish_call(std::string const& bot, int tokens) {
        auto const session = config(bot).text("session_id");
        json_object const usage{{"kind", "post_call"},
                                {"provider", "google"},
                                {"model", "gemini-2.5-flash"},
                                {"prompt_tokens", 5200},
                                {"cache_read_input_tokens", tokens},
                                {"cache_status", "hit"}};
        auto const told = post_result({{"session_id", session},
                                       {"disconnected_by", "customer"},
                                       {"call_duration_seconds", 9},
                                       {"usage_metrics", {json_value(usage)}}});
        EXPECT_EQ(told.text("result"), "stored") << told.body;
    }
};

TEST_F(BotsActions, TheCacheVersionNamesModelAndPrompts) {  // 20-25
    start();
    std::string const id = cached_bot();
    auto const enabled = cache(id, "enable");
    ASSERT_EQ(enabled.status, 200) << enabled.body;
    EXPECT_EQ(enabled.body, R"({"enabled":true,"version":"bb3ea005c29470d7","version_override":0,)"
                            R"("ready":false,"refreshed_at":null,"refreshed_by":null})");
    auto const served = config(id);
    EXPECT_EQ(served.text("post_call_cache_version"), "bb3ea005c29470d7");
    EXPECT_EQ(served.text("post_call_cache.name"), "cxb-pc-" + id + "-bb3ea005c29470d7");
    auto const refreshed = cache(id, "refresh");
    EXPECT_EQ(refreshed.text("version"), "bb3ea005c29470d7-r1");
    EXPECT_EQ(refreshed.json.at("version_override").to_number<int>(), 1);
    EXPECT_EQ(refreshed.text("refreshed_by"), admin_email);
    EXPECT_TRUE(parse_timestamp(refreshed.text("refreshed_at")));
    EXPECT_EQ(config(id).text("post_call_cache_version"), "bb3ea005c29470d7-r1");
    ASSERT_EQ(admin("PUT", "/api/v1/bots/" + id, json_object{{"qc_prompt", "Score it!"}}).status,
              200);
    auto const changed = config(id).text("post_call_cache_version");
    EXPECT_TRUE(changed.ends_with("-r1")) << changed;
    EXPECT_NE(changed, "bb3ea005c29470d7-r1");
    auto const off = cache(id, "disable");
    EXPECT_FALSE(off.json.at("enabled").as_bool());
    EXPECT_EQ(off.json.at("version_override").to_number<int>(), 1);
    EXPECT_FALSE(config(id).json.as_object().contains("post_call_cache"));
}

TEST_F(BotsActions, TheCacheIsReadyOnceACallOfThisVersionReadFromIt) {
    start();
    std::string const id = cached_bot();
    auto const ready = [&] { return cache(id, "enable").json.at("ready").as_bool(); };
    finish_call(id, 4096);
    EXPECT_FALSE(ready()) << "that call was not to use the cache";
    finish_call(id, 0);
    EXPECT_FALSE(ready());
    std::string const other = cached_bot();
    cache(other, "enable");
    finish_call(other, 4096);
    EXPECT_FALSE(ready()) << "another bot's";
    finish_call(id, 4096);
    EXPECT_TRUE(ready());
    EXPECT_FALSE(cache(id, "refresh").json.at("ready").as_bool());
    finish_call(id, 4096);
    EXPECT_TRUE(ready());
}

TEST_F(BotsActions, OnlyPromptsThatAreThereAndNobodysAreCached) {
    start();
    std::string const bare = make_bot();
    for (char const* step : {"enable", "refresh"}) {
        auto const refused = cache(bare, step);
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(refused.text("detail"), "No post-call prompt to cache");
    }
    EXPECT_EQ(cache(bare, "disable").status, 200);
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + bare).json.at("version").to_number<int>(), 1);
    std::string const personal = make_bot({{"qc_prompt", "Judge {{crm.NAME}}"}});
    auto const refused = cache(personal, "enable");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json.at("errors").at(0).at("pointer").as_string(), "/qc_prompt");
    EXPECT_EQ(cache("nobody", "enable").text("detail"), "Bot not found");
    EXPECT_EQ(cache(bare, "warm").status, 404);
}

TEST_F(BotsActions, ABotWithoutAModelHasNoCacheVersionInProduction) {
    settings.env = server::installation::production;
    start();
    auto const got = cache(make_bot({{"qc_prompt", "Score it."}}), "enable");
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_TRUE(got.json.at("version").is_null());
    EXPECT_FALSE(got.json.at("ready").as_bool());
}

TEST_F(BotsActions, AWidgetKeyIsMadeReplacedAndEnded) {
    start();
    std::string const at = "/api/v1/bots/" + make_bot();
    EXPECT_TRUE(admin("GET", at).json.at("widget_api_key").is_null());
    EXPECT_EQ(admin("DELETE", at + "/widget-key").text("detail"), "No widget key");
    auto const made = admin("POST", at + "/widget-key", json_object{});
    ASSERT_EQ(made.status, 201) << made.body;
    std::string const key = made.text("widget_api_key");
    EXPECT_EQ(key.size(), 35U);
    EXPECT_TRUE(key.starts_with("wk_")) << key;
    EXPECT_EQ(admin("GET", at).text("widget_api_key"), key);
    auto const second = admin("POST", at + "/widget-key", json_object{}).text("widget_api_key");
    EXPECT_NE(second, key);
    // Only these two change it.
    admin("PUT", at, json_object{{"widget_api_key", "wk_mine"}, {"description", "x"}});
    EXPECT_EQ(admin("GET", at).text("widget_api_key"), second);
    EXPECT_EQ(admin("DELETE", at + "/widget-key").text("status"), "deleted");
    EXPECT_TRUE(admin("GET", at).json.at("widget_api_key").is_null());
    EXPECT_EQ(admin("DELETE", at + "/widget-key").status, 404);
    EXPECT_EQ(admin("POST", "/api/v1/bots/nobody/widget-key", json_object{}).status, 404);
}

TEST_F(BotsActions, AddressesComeFromTheSettingElseFromTheFirstHost) {
    start();
    std::string const id = make_bot();
    auto const base = [&] {
        auto const got = admin("GET", "/api/v1/bots/" + id + "/wss-url");
        std::string const url = got.text("wss_url");
        EXPECT_TRUE(url.ends_with("/ws/" + id)) << got.body;
        std::string const out = url.substr(0, url.find("/ws/"));
        EXPECT_EQ(got.text("exotel_url"), out + "/exotel/" + id);
        return out;
    };
    auto const fleet = [&](char const* host) {
        EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet",
                        json_object{{"core_fleet", {json_value(host), "http://10.0.0.9"}}})
                      .status,
                  200);
    };
    EXPECT_EQ(base(), "wss://localhost");
    fleet("https://core.example.com:8443/");
    EXPECT_EQ(base(), "wss://core.example.com:8443");
    fleet("http://10.0.0.1:8090");
    EXPECT_EQ(base(), "ws://10.0.0.1:8090");
    settings.fleet.public_wss_base = "wss://media.example.com/";
    restart();
    EXPECT_EQ(base(), "wss://media.example.com");
    EXPECT_EQ(admin("GET", "/api/v1/bots/nobody/wss-url").text("detail"), "Bot not found");
}

// A token of its own in every text of a bot.
json_object bot_full_of_tokens() {
    json_object const body{{"a", {"{{t_body}}", 7}}};
    json_object const tool{
        {"type", "function"},
        {"kind", "http"},
        {"function", {{"name", "look_up"}, {"description", "{{t_description}}"}}},
        {"pre_message", "{{t_tool_message}}"},
        {"http",
         {{"url", "https://crm.example.com/{{t_tool_url}}"},
          {"headers", {{"X-A", "{{t_tool_header}}"}}},
          {"query", {{"q", "{{t_tool_query}} {{args.number}}"}}},
          {"body", body}}}};
    json_object const target{{"id", "a"},
                             {"label", "Desk"},
                             {"method", "sip_refer"},
                             {"type", "sip_uri"},
                             {"value", "sip:{{t_target}}"}};
    return {{"system_prompt", "{{t_system}}"},
            {"dynamic_runtime_prompt", "{{t_dynamic}}"},
            {"prompt_mode", "legacy"},
            {"opening_message", "{{t_opening}}"},
            {"re_engagement", {{"messages", {"{{t_again}}"}}, {"end_message", "{{t_end}}"}}},
            {"max_duration_message", "{{t_max}}"},
            {"voicemail_message", "{{t_voicemail}}"},
            {"pre_transfer_message", "{{t_transfer}}"},
            {"tools", {json_value(tool)}},
            {"transfer_targets", {json_value(target)}},
            {"transfer_numbers", {{"desk", "{{t_number}}"}}},
            {"agent_desk", {{"hold_message", "{{t_hold}}"}}},
            {"recording", {{"announcement", "{{t_announcement}}"}}},
            {"post_call_analysis_prompt", "{{t_analysis}}"},
            {"qc_prompt", "{{t_qc}} {{t_qc}}"}};
}

TEST_F(BotsActions, VariablesAreThoseThatAConfigWouldLookFor) {
    start();
    std::string const at = "/api/v1/bots/" + make_bot(bot_full_of_tokens());
    auto const shown = admin("POST", at + "/preview-config", json_object{});
    ASSERT_EQ(shown.status, 200) << shown.body;
    std::set<std::string> unresolved;
    for (auto const& one : shown.json.at("unresolved").as_array())
        unresolved.emplace(one.as_string());
    auto const got = admin("GET", at + "/variables");
    ASSERT_EQ(got.status, 200) << got.body;
    std::map<std::string, std::string> places;
    std::set<std::string> tokens;
    for (auto const& one : got.json.as_array()) {
        auto const& row = one.as_object();
        places[std::string(wire::text_at(row, "token"))] = wire::to_text(row.at("used_in"));
        if (wire::text_at(row, "namespace") == "flat") tokens.emplace(wire::text_at(row, "token"));
    }
    EXPECT_EQ(tokens, unresolved);
    EXPECT_EQ(tokens.size(), 20U);
    EXPECT_EQ(places["t_body"], R"(["/tools/0/http/body/a/0"])");
    EXPECT_EQ(places["t_qc"], R"(["/qc_prompt"])");
    EXPECT_EQ(places["args.number"], R"(["/tools/0/http/query/q"])");
}

TEST_F(BotsActions, VariablesOfTheCrmAndOfPoliciesAreNamedToo) {
    start();
    json_object const policy{
        {"type", "collection_recovery"},
        {"goal", "Reach {{crm.GOAL}}"},
        {"persona", {{"agent_name", "{{AGENT}}"}}},
        {"rules", {"Say {{policy.amount}}"}},
        {"scenarios",
         {{{"id", "a"}, {"instruction", "{{call.x}}"}, {"say_en", "{{system.timezone}}"}}}}};
    std::string const at =
        "/api/v1/bots/" +
        make_bot({{"opening_message", "Hi {{ AGENT }}"},
                  {"conversation_policy", policy},
                  {"pre_call_fetch",
                   {{"url", "https://crm.example.com/{{call.id}}"},
                    {"auth", {{"type", "bearer"}, {"token", "{{call.pass}}"}}},
                    {"body", {{"deep", {{"er", "{{call.id}}"}}}}}}},
                  {"post_call_push",
                   {{"url", "https://crm.example.com/p"},
                    {"key_mapper",
                     {{"d", "{{analysis.DISPOSITION}}"}, {"n", {"{{result.status}}"}}}}}}});
    EXPECT_EQ(
        admin("GET", at + "/variables").body,
        R"([{"token":"AGENT","namespace":"flat",)"
        R"("used_in":["/opening_message","/conversation_policy/persona/agent_name"]},)"
        R"({"token":"FIRSTNAME","namespace":"flat","used_in":["/system_prompt"]},)"
        R"({"token":"analysis.DISPOSITION","namespace":"analysis",)"
        R"("used_in":["/post_call_push/key_mapper/d"]},)"
        R"({"token":"call.id","namespace":"call",)"
        R"("used_in":["/pre_call_fetch/url","/pre_call_fetch/body/deep/er"]},)"
        R"({"token":"call.pass","namespace":"call","used_in":["/pre_call_fetch/auth/token"]},)"
        R"({"token":"call.x","namespace":"call",)"
        R"("used_in":["/conversation_policy/scenarios/0/instruction"]},)"
        R"({"token":"crm.GOAL","namespace":"crm","used_in":["/conversation_policy/goal"]},)"
        R"({"token":"policy.amount","namespace":"flat",)"
        R"("used_in":["/conversation_policy/rules/0"]},)"
        R"({"token":"result.status","namespace":"result",)"
        R"("used_in":["/post_call_push/key_mapper/n/0"]},)"
        R"({"token":"system.timezone","namespace":"system",)"
        R"("used_in":["/conversation_policy/scenarios/0/say_en"]}])");
    EXPECT_EQ(admin("GET", "/api/v1/bots/nobody/variables").text("detail"), "Bot not found");
}

}  // namespace
}  // namespace cxb::api::test
