// Versions of a bot, what differs between them, and copies (spec 20 §5.2).
#include "cxb/base/encoding.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/api/store_beside.hpp"

namespace cxb::api::test {
namespace {

struct BotsVersions : api_test {
    BotsVersions() {
        start();
        id = make_bot({{"name", "A"},
                       {"llm",
                        {{"provider", "openai"},
                         {"model", "gpt-4.1-mini"},
                         {"api_key", "sk-1234567890abcd"}}}});
        at = "/api/v1/bots/" + id;
    }
    answer put(json_object sent) {
        auto got = admin("PUT", at, sent);
        EXPECT_EQ(got.status, 200) << got.body;
        return got;
    }
    answer restore(int version) {
        return admin("POST", at + "/versions/" + std::to_string(version) + "/restore",
                     json_object{});
    }
    std::string diff(int from, int to) {
        auto const got =
            admin("GET", at + "/diff?from=" + std::to_string(from) + "&to=" + std::to_string(to));
        EXPECT_EQ(got.status, 200) << got.body;
        return got.body;
    }
    std::string id;
    std::string at;
};

TEST_F(BotsVersions, EveryAcceptedWriteIsAVersionNewestFirst) {
    put({{"opening_message", "Hi"}, {"llm", {{"provider", "openai"}, {"model", "gpt-5"}}}});
    put({{"opening_message", "Hi"}});  // nothing changes
    EXPECT_EQ(admin("PUT", at, json_object{{"dead_air_seconds", 1}}).status, 422);
    admin("POST", at + "/widget-key", json_object{});
    auto const got = admin("GET", at + "/versions");
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.json.at("total").to_number<int>(), 3);
    auto const& items = got.json.at("items").as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].at("version").to_number<int>(), 3);
    EXPECT_EQ(wire::to_text(items[0].at("changed_paths")), R"(["/widget_api_key"])");
    EXPECT_EQ(wire::to_text(items[1].at("changed_paths")),
              R"(["/opening_message","/llm/api_key","/llm/model"])");
    EXPECT_EQ(items[1].at("changed_by").as_string(), admin_email);
    EXPECT_TRUE(parse_timestamp(std::string(items[1].at("changed_at").as_string())));
    EXPECT_EQ(items[2].at("version").to_number<int>(), 1);
    EXPECT_TRUE(items[2].at("changed_paths").as_array().empty());
    EXPECT_FALSE(items[0].as_object().contains("document"));
    auto const second = admin("GET", at + "/versions?limit=1&page=2");
    EXPECT_EQ(second.json.at("items").at(0).at("version").to_number<int>(), 2);
    auto const next =
        admin("GET", at + "/versions?limit=1&cursor=" + percent_encode(second.text("next")));
    EXPECT_EQ(next.json.at("items").at(0).at("version").to_number<int>(), 1) << next.body;
    EXPECT_EQ(admin("GET", at + "/versions?limit=201").status, 422);
    EXPECT_EQ(admin("GET", at + "/versions?mine=1").status, 422);
}

TEST_F(BotsVersions, AVersionIsTheWholeBotOfThen) {
    put({{"opening_message", "Hi"}, {"llm", nullptr}});
    auto const first = admin("GET", at + "/versions/1");
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(first.text("opening_message"), "Namaste {{FIRSTNAME}} ji");
    EXPECT_EQ(first.text("llm.api_key"), "sk-1••••••abcd");
    EXPECT_EQ(first.text("id"), id);
    EXPECT_EQ(first.json.at("version").to_number<int>(), 1);
    EXPECT_EQ(admin("GET", at + "/versions/2").text("opening_message"), "Hi");
    for (char const* unknown : {"3", "0", "-1", "x", "1x", "99999999999999999999"})
        EXPECT_EQ(admin("GET", at + "/versions/" + unknown).text("detail"), "Version not found")
            << unknown;
    EXPECT_EQ(admin("GET", "/api/v1/bots/nobody/versions/1").text("detail"), "Bot not found");
}

TEST_F(BotsVersions, ADiffNamesWhatWasAddedRemovedAndReplaced) {
    put({{"tags", {"x", "y"}},
         {"llm", {{"provider", "openai"}, {"model", "gpt-5"}, {"api_key", "sk-1234567890wxyz"}}},
         {"qc_prompt", "Score it."},
         {"future/member", 1}});
    put({{"tags", {"z"}}, {"qc_prompt", nullptr}});
    EXPECT_EQ(diff(1, 2),
              R"([{"path":"/tags/0","op":"add","new":"x"},{"path":"/tags/1","op":"add","new":"y"},)"
              R"({"path":"/llm/api_key","op":"replace","old":"sk-1••••••abcd",)"
              R"("new":"sk-1••••••wxyz"},)"
              R"({"path":"/llm/model","op":"replace","old":"gpt-4.1-mini","new":"gpt-5"},)"
              R"({"path":"/qc_prompt","op":"add","new":"Score it."},)"
              R"({"path":"/future~1member","op":"add","new":1}])");
    EXPECT_EQ(diff(2, 3), R"([{"path":"/tags/0","op":"replace","old":"x","new":"z"},)"
                          R"({"path":"/tags/1","op":"remove","old":"y"},)"
                          R"({"path":"/qc_prompt","op":"remove","old":"Score it."}])");
    EXPECT_EQ(diff(2, 2), "[]");
}

TEST_F(BotsVersions, ADiffNeedsTwoVersionsThatExist) {
    EXPECT_EQ(admin("GET", at + "/diff?from=1&to=2").text("detail"), "Version not found");
    EXPECT_EQ(admin("GET", at + "/diff?from=7&to=1").status, 404);
    auto const bare = admin("GET", at + "/diff");
    EXPECT_EQ(bare.status, 422);
    EXPECT_EQ(bare.json.at("errors").at(0).at("pointer").as_string(), "/from");
    EXPECT_EQ(bare.json.at("errors").at(1).at("pointer").as_string(), "/to");
    EXPECT_EQ(admin("GET", at + "/diff?from=x&to=1").status, 422);
    EXPECT_EQ(admin("GET", at + "/diff?from=&to=1").status, 422);
    EXPECT_EQ(admin("GET", "/api/v1/bots/nobody/diff?from=1&to=1").text("detail"), "Bot not found");
}

TEST_F(BotsVersions, ARestoredVersionIsANewOneEqualToIt) {  // 20-24
    put({{"opening_message", "Hi"}, {"llm", nullptr}, {"future", {{"a", 1}}}});
    put({{"tags", {"x"}}});
    auto const restored = restore(1);
    ASSERT_EQ(restored.status, 200) << restored.body;
    EXPECT_EQ(restored.json.at("version").to_number<int>(), 4);
    EXPECT_EQ(diff(1, 4), "[]");
    EXPECT_FALSE(restored.json.as_object().contains("future"));
    EXPECT_EQ(restored.text("opening_message"), "Namaste {{FIRSTNAME}} ji");
    // Its secret too, which no reader ever saw.
    EXPECT_EQ(config(id).text("llm.api_key"), "sk-1234567890abcd");
    auto const newest = admin("GET", at + "/versions?limit=1").json.at("items").at(0);
    EXPECT_EQ(newest.at("note").as_string(), "restore of version 1");
    EXPECT_EQ(restore(4).json.at("version").to_number<int>(), 4) << "it is that already";
    EXPECT_EQ(restore(9).text("detail"), "Version not found");
    EXPECT_EQ(admin("DELETE", at).status, 200);
    EXPECT_EQ(restore(1).text("detail"), "Bot not found");
}

TEST_F(BotsVersions, ARestoreLeavesKeysSecretsAndStatesAlone) {
    put({{"post_call_push", {{"url", "https://crm.example.com/x"}, {"sign", true}}},
         {"qc_prompt", "Score it."}});
    auto const secret = admin("POST", at + "/push-secret/rotate", json_object{}).text("secret");
    auto const key = admin("POST", at + "/widget-key", json_object{}).text("widget_api_key");
    ASSERT_EQ(admin("POST", at + "/post-call-cache/refresh", json_object{}).status, 200);
    put({{"post_call_push", nullptr}});
    auto const back = restore(2);
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(back.text("widget_api_key"), key);
    EXPECT_NE(back.text("post_call_cache_state.refreshed_at"), "");
    // The block was gone and its secret with it: it signs with a new one.
    auto const again = admin("POST", at + "/push-secret/rotate", json_object{}).text("secret");
    EXPECT_NE(again, secret);
    EXPECT_EQ(again.substr(0, 6), "whsec_");
}

TEST_F(BotsVersions, ManyChangesAreNamedByTheirMembers) {
    json_object numbers;
    for (int i = 0; i < 64; ++i)
        numbers["n" + std::to_string(i)] = "1001";
    json_object mapping;
    for (int i = 0; i < 150; ++i)
        mapping["m" + std::to_string(i)] = "/x";
    put({{"transfer_numbers", numbers}});
    put({{"transfer_numbers", nullptr},
         {"pre_call_fetch", {{"url", "https://crm.example.com/c"}}}});
    auto const paths = [&] {
        return admin("GET", at + "/versions?limit=1").json.at("items").at(0).at("changed_paths");
    };
    EXPECT_EQ(paths().as_array().size(), 65U) << "64 numbers and a block";
    put({{"transfer_numbers", numbers},
         {"pre_call_fetch", {{"url", "https://crm.example.com/c"}, {"mapping", mapping}}}});
    EXPECT_EQ(wire::to_text(paths()), R"(["/transfer_numbers","/pre_call_fetch"])");
}

struct BotsCopies : BotsVersions {
    answer clone(json_object body = {}) { return admin("POST", at + "/clone", body); }
};

TEST_F(BotsCopies, AreNumberedAndHaveNoWidgetKey) {  // 20-23
    admin("POST", at + "/widget-key", json_object{});
    auto const first = clone();
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.text("name"), "A (Copy)");
    auto const second = clone();
    EXPECT_EQ(second.text("name"), "A (Copy 2)");
    for (auto const& copy : {first, second}) {
        EXPECT_TRUE(copy.json.at("widget_api_key").is_null()) << copy.body;
        EXPECT_NE(copy.text("id"), id);
    }
    EXPECT_NE(admin("GET", at).text("widget_api_key"), "");
    // A name that became free is used again.
    admin("DELETE", "/api/v1/bots/" + first.text("id"));
    EXPECT_EQ(clone().text("name"), "A (Copy)");
    EXPECT_EQ(clone({{"name", "Trial"}}).text("name"), "Trial");
}

TEST_F(BotsCopies, HoldTheContentAndNothingOfTheHistory) {
    put({{"post_call_push", {{"url", "https://crm.example.com/x"}, {"sign", true}}},
         {"qc_prompt", "Score it."},
         {"future", 7}});
    admin("POST", at + "/post-call-cache/refresh", json_object{});
    auto const copy = clone();
    ASSERT_EQ(copy.status, 201) << copy.body;
    EXPECT_EQ(copy.json.at("version").to_number<int>(), 1);
    EXPECT_TRUE(copy.json.at("post_call_cache_state").is_null());
    EXPECT_EQ(copy.json.at("future").to_number<int>(), 7);
    EXPECT_EQ(wire::to_text(copy.json.at("warnings")), R"(["future"])");
    EXPECT_EQ(config(copy.text("id")).text("llm.api_key"), "sk-1234567890abcd");
    auto const versions = admin("GET", "/api/v1/bots/" + copy.text("id") + "/versions");
    EXPECT_EQ(versions.json.at("total").to_number<int>(), 1);
    EXPECT_EQ(versions.json.at("items").at(0).at("note").as_string(), "copy of " + id);
    auto const secrets = [&](std::string const& bot) {
        auto const row =
            admin("POST", "/api/v1/bots/" + bot + "/push-secret/rotate", json_object{});
        return row.text("secret");
    };
    EXPECT_NE(secrets(copy.text("id")), secrets(id));
}

TEST_F(BotsCopies, OfALongNameAreCutBetweenCharacters) {
    std::string name = "x";
    while (name.size() + 3 <= 120)
        name += "क";  // 3 bytes
    put({{"name", name}});
    auto const copy = clone();
    ASSERT_EQ(copy.status, 201) << copy.body;
    std::string const got = copy.text("name");
    EXPECT_LE(got.size(), 120U);
    EXPECT_TRUE(got.ends_with("क (Copy)")) << got;
}

TEST_F(BotsCopies, AfterAThousandANameMustBeGiven) {
    store_beside beside(settings);
    std::vector<json_object> copies{{{"name", "A (Copy)"}}};
    for (int i = 2; i < max_copies; ++i)
        copies.push_back({{"name", "A (Copy " + std::to_string(i) + ")"}});
    ASSERT_TRUE(beside.run(beside->bulk_insert(model::bots, std::move(copies))));
    EXPECT_EQ(clone().text("name"), "A (Copy 1000)");
    auto const refused = clone();
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(refused.text("detail"), "Too many copies of this bot; give a name");
    EXPECT_EQ(clone({{"name", "Trial"}}).status, 201);
}

TEST_F(BotsCopies, WrongNamesAreRefused) {
    for (json_object const& body :
         {json_object{{"name", ""}}, json_object{{"name", std::string(121, 'x')}},
          json_object{{"name", 7}}}) {
        auto const refused = clone(body);
        EXPECT_EQ(refused.status, 422) << refused.body;
        EXPECT_EQ(refused.json.at("errors").at(0).at("pointer").as_string(), "/name");
    }
    EXPECT_EQ(admin("POST", "/api/v1/bots/nobody/clone", json_object{}).text("detail"),
              "Bot not found");
    EXPECT_EQ(admin("GET", "/api/v1/bots").json.at("total").to_number<int>(), 1);
}

}  // namespace
}  // namespace cxb::api::test
