// Who uses a bot keeps it from being changed (spec 20 §5.2).
#include "server/api/store_beside.hpp"

namespace cxb::api::test {
namespace {

struct BotsLock : api_test {
    BotsLock() {
        start();
        beside.emplace(settings);
        id = make_bot({{"qc_prompt", "Score it."}});
        at = "/api/v1/bots/" + id;
    }
    ~BotsLock() override { beside.reset(); }
    int version() { return admin("GET", at).json.at("version").to_number<int>(); }

    // Every edit of a whole bot, as method and path.
    std::vector<answer> edits() {
        std::vector<answer> out;
        out.push_back(admin("PUT", at, json_object{{"description", "x"}}));
        out.push_back(admin("POST", at + "/versions/1/restore", json_object{}));
        out.push_back(admin("POST", at + "/post-call-cache/enable", json_object{}));
        out.push_back(admin("POST", at + "/post-call-cache/disable", json_object{}));
        return out;
    }

    std::optional<store_beside> beside;
    std::string id;
    std::string at;
};

TEST_F(BotsLock, ARunningCampaignForbidsEveryEditUntilItIsPaused) {  // 20-21
    ASSERT_TRUE(beside->start_campaign("c1", id).applied);
    auto refusals = edits();
    refusals.push_back(admin("DELETE", at));
    for (auto const& refused : refusals) {
        EXPECT_EQ(refused.status, 409) << refused.body;
        EXPECT_EQ(refused.text("code"), "bot_locked");
        EXPECT_EQ(refused.text("detail"), "Bot is used by a running campaign");
        EXPECT_EQ(wire::to_text(refused.json.at("campaigns")),
                  R"([{"id":"c1","name":"Campaign c1"}])");
    }
    EXPECT_EQ(version(), 1);
    beside->pause_campaign("c1");
    for (auto const& done : edits())
        EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(admin("DELETE", at).status, 200);
}

TEST_F(BotsLock, ReadsSayWhoHoldsTheLock) {
    std::string const free = make_bot();
    ASSERT_TRUE(beside->start_campaign("c1", id).applied);
    ASSERT_TRUE(beside->start_campaign("c2", id).applied);
    auto const shown = admin("GET", at);
    EXPECT_TRUE(shown.json.at("locked").as_bool());
    EXPECT_EQ(shown.json.at("locked_by").as_array().size(), 2U) << shown.body;
    EXPECT_FALSE(shown.json.as_object().contains("use_rev"));
    std::map<std::string, bool> listed;
    auto const all = admin("GET", "/api/v1/bots");
    for (auto const& item : all.json.at("items").as_array())
        listed[std::string(item.at("id").as_string())] = item.at("locked").as_bool();
    EXPECT_EQ(listed, (std::map<std::string, bool>{{id, true}, {free, false}}));
    auto const other = admin("GET", "/api/v1/bots/" + free);
    EXPECT_FALSE(other.json.at("locked").as_bool());
    EXPECT_TRUE(other.json.at("locked_by").as_array().empty());
    EXPECT_EQ(admin("PUT", "/api/v1/bots/" + free, json_object{{"description", "x"}}).status, 200);
}

// A refresh makes providers read the prompts anew; keys and secrets must be endable at any time.
TEST_F(BotsLock, WhatIsNoEditWorksWhileACampaignRuns) {
    ASSERT_TRUE(beside->start_campaign("c1", id).applied);
    EXPECT_EQ(admin("POST", at + "/post-call-cache/refresh", json_object{}).status, 200);
    EXPECT_EQ(admin("POST", at + "/widget-key", json_object{}).status, 201);
    EXPECT_EQ(admin("DELETE", at + "/widget-key").status, 200);
    EXPECT_EQ(admin("POST", at + "/clone", json_object{}).status, 201);
    EXPECT_EQ(admin("GET", at + "/versions").status, 200);
}

TEST_F(BotsLock, AMappedNumberForbidsOnlyTheDeletion) {
    ASSERT_TRUE(beside->map_number("+912200000001", id).applied);
    auto const refused = admin("DELETE", at);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.text("code"), "bot_in_use");
    ASSERT_EQ(refused.json.at("dids").as_array().size(), 1U) << refused.body;
    EXPECT_EQ(refused.json.at("dids").at(0).at("number").as_string(), "+912200000001");
    EXPECT_EQ(admin("PUT", at, json_object{{"description", "x"}}).status, 200);
    EXPECT_EQ(beside
                  ->run((*beside)->remove(model::dids,
                                          store::all_of({store::eq("bot_id", json_value(id))})))
                  .value(),
              1);
    EXPECT_EQ(admin("DELETE", at).status, 200);
}

TEST_F(BotsLock, NobodyBeginsToUseADeletedBot) {
    EXPECT_EQ(admin("DELETE", at).status, 200);
    auto const started = beside->start_campaign("c1", id);
    EXPECT_FALSE(started.applied);
    EXPECT_EQ(started.label, "bot_gone");
    EXPECT_FALSE(beside->find(model::campaigns, store::by_id("c1")));
    EXPECT_EQ(beside->map_number("+912200000001", id).label, "bot_gone");
}

TEST_F(BotsLock, OnlyTheFirstHundredUsersAreNamed) {
    for (std::size_t i = 0; i <= max_named_users; ++i)
        ASSERT_TRUE(beside->start_campaign("c" + std::to_string(i), id).applied);
    EXPECT_EQ(admin("DELETE", at).json.at("campaigns").as_array().size(), max_named_users);
    EXPECT_EQ(admin("GET", at).json.at("locked_by").as_array().size(), max_named_users);
}

}  // namespace
}  // namespace cxb::api::test
