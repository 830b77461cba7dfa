// Calls of a campaign: what links them, and what the link does to their config (20 §8 steps 7, 11).
#include "server/api/store_beside.hpp"

namespace cxb::api::test {
namespace {

struct CampaignLink : api_test {
    CampaignLink() {
        start();
        beside.emplace(settings);
        campaign("c1", true);
        campaign("quiet", false);
        contact("k1", "c1", {{"status", "in_progress"}});
        contact("k2", "c1", {{"status", "completed"}});
        contact("k3", "quiet", {{"status", "in_progress"}});
        contact("k4", "c1", json_object{});
        wanting = make_bot({{"system_prompt", "Hi."}, {"callback_prompt_injection", true}});
        silent = make_bot({{"system_prompt", "Hi."}});
    }
    ~CampaignLink() override { beside.reset(); }

    void campaign(std::string_view id, bool detects) {
        beside->insert(model::campaigns,
                       {{"_id", id},
                        {"name", id},
                        {"bot_id", "none"},
                        {"status", "running"},
                        {"config", {{"callback_detection", {{"enabled", detects}}}}},
                        {"created_at", "2026-01-02T03:04:05.000Z"}});
    }
    void contact(std::string_view id, std::string_view campaign, json_object callback) {
        callback["preferred_time_text"] = "tomorrow at five";
        callback["reason"] = "in a meeting";
        beside->insert(model::campaign_calls,
                       {{"_id", id}, {"campaign_id", campaign}, {"callback", callback}});
    }
    answer config(std::string const& bot, json_object event) {
        auto got = core("POST", "/api/v1/config/" + bot, json_object{{"connected_event", event}});
        EXPECT_EQ(got.status, 200) << got.body;
        return got;
    }
    answer config(std::string const& bot, std::string_view campaign, std::string_view contact) {
        return config(bot, {{"_campaign_id", campaign},
                            {"_campaign_call_id", contact},
                            {"_campaign_attempt", "3"},
                            {"_campaign_run_number", 2}});
    }
    answer call_of(answer const& served) {
        return admin("GET", "/api/v1/calls/" + served.text("session_id"));
    }
    static bool detects(answer const& served) {
        return served.json.at("callback_detection_enabled").as_bool();
    }

    std::optional<store_beside> beside;
    std::string wanting;
    std::string silent;
};

TEST_F(CampaignLink, ALinkedCallSaysWhoseAttemptItIs) {
    auto const stored = call_of(config(silent, "c1", "k1"));
    EXPECT_EQ(stored.text("campaign_id"), "c1");
    EXPECT_EQ(stored.text("campaign_call_id"), "k1");
    EXPECT_EQ(stored.json.at("campaign_attempt").to_number<int>(), 3);
    EXPECT_EQ(stored.json.at("campaign_run_number").to_number<int>(), 2);
    EXPECT_EQ(stored.text("call_direction"), "outbound");
    auto const listed = admin("GET", "/api/v1/calls?campaign_id=c1");
    EXPECT_EQ(listed.json.at("total").to_number<int>(), 1);
}

TEST_F(CampaignLink, WhatDoesNotFitIsDroppedAndTheCallGoesOn) {  // 20-35
    json_object const events[] = {
        {{"_campaign_id", "quiet"}, {"_campaign_call_id", "k1"}, {"_campaign_attempt", 1}},
        {{"_campaign_id", "c1"}, {"_campaign_call_id", "nobody"}},
        {{"_campaign_id", "gone"}, {"_campaign_call_id", "k1"}},
        {{"_campaign_id", "c1"}},
        {{"_campaign_call_id", "k1"}},
    };
    for (auto const& event : events) {
        auto const served = config(wanting, event);
        EXPECT_FALSE(detects(served));
        auto const stored = call_of(served);
        for (char const* name : {"campaign_id", "campaign_call_id", "campaign_attempt"})
            EXPECT_FALSE(stored.json.as_object().contains(name)) << name;
        auto const trace = admin("GET", "/api/v1/calls/" + served.text("session_id") + "/trace");
        EXPECT_NE(trace.body.find("campaign_linkage_rejected"), std::string::npos) << trace.body;
    }
}

TEST_F(CampaignLink, CallbackTextAndFlagOnlyWhenBothGatesAreOn) {  // 20-36
    for (auto const& closed : {config(silent, "c1", "k1"), config(wanting, "quiet", "k3"),
                               config(wanting, json_object{})}) {
        EXPECT_EQ(closed.text("system_prompt"), "Hi.");
        EXPECT_FALSE(detects(closed));
    }
    auto const open = config(wanting, "c1", "k1");
    EXPECT_TRUE(detects(open));
    EXPECT_EQ(
        open.text("system_prompt"),
        "Hi.\n\nIf the caller asks to be called later, ask for the day and time, repeat them, "
        "and end politely. This call was asked for by the caller (tomorrow at five). Reason "
        "given: in a meeting.");
}

TEST_F(CampaignLink, OnlyTheAttemptThatWasAskedForSaysSo) {
    for (char const* contact : {"k2", "k4"}) {
        auto const other = config(wanting, "c1", contact);
        EXPECT_TRUE(detects(other));
        EXPECT_EQ(other.text("system_prompt").find("was asked for"), std::string::npos);
    }
}

}  // namespace
}  // namespace cxb::api::test
