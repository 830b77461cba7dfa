// Two processes edit, copy and use the same bots (spec 20 §5.2, §1 "Several instances").
#include <set>
#include <thread>

#include "server/api/instances_fixture.hpp"
#include "server/api/store_beside.hpp"

namespace cxb::api::test {
namespace {

class BotsInstances : public Instances {
  protected:
    BotsInstances() {
        start_alone();
        beside.emplace(a.settings);
        bearer = "Bearer " + a.token();
    }
    ~BotsInstances() override { beside.reset(); }

    struct step {
        instance* at;
        std::string method;
        std::string path;
        json_object body;
    };
    std::vector<answer> all_at_once(std::vector<step> const& steps) {
        return a.at_once(steps.size(), [&](std::size_t i) {
            client::outgoing_request request{steps[i].at->url() + steps[i].path, {}};
            request.message.method = steps[i].method;
            request.message.headers = {{"Authorization", bearer},
                                       {"Content-Type", "application/json"}};
            request.message.body = wire::to_text(steps[i].body);
            return request;
        });
    }
    json_object stored(std::string const& id) {
        return beside->find(model::bots, store::by_id(id)).value();
    }

    // A start that says which version of the bot it saw, in the transaction that claims the bot.
    std::int64_t start_campaign(std::string const& id, std::string const& bot) {
        for (;;) {
            auto const seen = wire::int_at(stored(bot), "version");
            store::batch writes;
            writes.upsert(model::campaigns, store::by_id(id),
                          store::update{}
                              .set("name", "C")
                              .set("bot_id", json_value(bot))
                              .set("status", "running"));
            claim_bot(writes, bot);
            writes.update_one(
                model::bots,
                store::all_of({store::eq("_id", json_value(bot)), store::eq("version", seen)}),
                store::update{}.inc("use_rev", 1), "edited");
            if (beside->run((*beside)->commit(std::move(writes))).value().applied) return seen;
        }
    }

    std::optional<store_beside> beside;
    std::string bearer;
};

TEST_F(BotsInstances, NoMemberOfTwoWritersIsLost) {
    std::string const id = a.make_bot();
    std::string const at = "/api/v1/bots/" + id;
    std::size_t accepted = 0;
    for (int round = 0; round < 8; ++round) {
        std::string const text = "r" + std::to_string(round);
        auto const got = all_at_once({{&a, "PUT", at, {{"description", text}}},
                                      {&b, "PUT", at, {{"opening_message", text}}},
                                      {&a, "PUT", at, {{"voicemail_message", text}}},
                                      {&b, "PUT", at, {{"pre_transfer_message", text}}}});
        auto const now = stored(id);
        char const* const members[] = {"description", "opening_message", "voicemail_message",
                                       "pre_transfer_message"};
        for (std::size_t i = 0; i < got.size(); ++i) {
            bool const done = got[i].status == 200;
            accepted += done ? 1 : 0;
            EXPECT_TRUE(done || got[i].text("code") == "version_conflict") << got[i].body;
            EXPECT_EQ(wire::text_at(now, members[i]) == text, done) << members[i];
        }
    }
    EXPECT_EQ(wire::int_at(stored(id), "version"), static_cast<std::int64_t>(accepted) + 1);
    auto const versions = a.admin("GET", at + "/versions?limit=100");
    EXPECT_EQ(versions.json.at("total").to_number<std::size_t>(), accepted + 1);
    for (auto const& row : versions.json.at("items").as_array())
        if (row.at("version").to_number<int>() > 1)
            EXPECT_EQ(row.at("changed_paths").as_array().size(), 1U) << wire::to_text(row);
}

TEST_F(BotsInstances, OfTwoWritersOfOneVersionOneIsRefused) {  // 20-22
    std::string const id = a.make_bot();
    for (int version = 1; version <= 8; ++version) {
        auto const got = a.at_once(2, [&](std::size_t i) {
            client::outgoing_request request{(i == 0 ? a : b).url() + "/api/v1/bots/" + id, {}};
            request.message.method = "PUT";
            request.message.headers = {{"Authorization", bearer},
                                       {"Content-Type", "application/json"},
                                       {"If-Match", '"' + std::to_string(version) + '"'}};
            request.message.body = R"({"description":")" + std::to_string(version * 2 + i) + "\"}";
            return request;
        });
        EXPECT_EQ((std::multiset<int>{got[0].status, got[1].status}),
                  (std::multiset<int>{200, 412}))
            << got[0].body << got[1].body;
    }
    EXPECT_EQ(wire::int_at(stored(id), "version"), 9);
}

// Whatever is accepted was written before the campaign started.
TEST_F(BotsInstances, NoEditSlipsInAfterACampaignStarted) {
    std::string const id = a.make_bot({{"qc_prompt", "Score it."}});
    std::string const at = "/api/v1/bots/" + id;
    std::size_t refused = 0;
    for (int round = 0; round < 12; ++round) {
        std::int64_t seen = 0;
        std::vector<answer> got;
        {
            std::jthread const starter([&] { seen = start_campaign("c1", id); });
            got = all_at_once(
                {{&a, "PUT", at, {{"description", "r" + std::to_string(round)}}},
                 {&b, "POST", at + "/versions/1/restore", {}},
                 {&b, "PUT", at, {{"opening_message", "r" + std::to_string(round)}}},
                 {&a, "POST", at + "/post-call-cache/" + (round % 2 ? "enable" : "disable"), {}}});
        }
        EXPECT_EQ(wire::int_at(stored(id), "version"), seen) << round;
        for (auto const& one : got) {
            refused += one.status == 409 ? 1 : 0;
            bool const known = one.status == 200 || one.text("code") == "bot_locked" ||
                               one.text("code") == "version_conflict";
            EXPECT_TRUE(known) << one.body;
        }
        auto const late = b.admin("POST", at + "/versions/1/restore", json_object{});
        EXPECT_EQ(late.text("code"), "bot_locked") << late.body;
        beside->pause_campaign("c1");
    }
    RecordProperty("refused", static_cast<int>(refused));
}

TEST_F(BotsInstances, CopiesMadeAtOnceHaveNamesOfTheirOwn) {
    std::string const at = "/api/v1/bots/" + a.make_bot({{"name", "A"}}) + "/clone";
    auto const got = all_at_once(
        {{&a, "POST", at, {}}, {&b, "POST", at, {}}, {&a, "POST", at, {}}, {&b, "POST", at, {}}});
    std::set<std::string> names;
    for (auto const& one : got) {
        EXPECT_EQ(one.status, 201) << one.body;
        names.insert(one.text("name"));
    }
    EXPECT_EQ(names, (std::set<std::string>{"A (Copy)", "A (Copy 2)", "A (Copy 3)", "A (Copy 4)"}));
}

// No news and no poll are waited for: who asks for one bot gets what the store has.
TEST_F(BotsInstances, WhatOneWroteTheOtherReadsAtOnce) {
    for (int i = 0; i < 3; ++i) {
        std::string const at = "/api/v1/bots/" + a.make_bot();
        EXPECT_EQ(b.admin("GET", at).json.at("version").to_number<int>(), 1);
        a.admin("PUT", at, json_object{{"opening_message", "{{NEW}}"}});
        EXPECT_EQ(b.admin("GET", at).text("opening_message"), "{{NEW}}");
        EXPECT_NE(b.admin("GET", at + "/variables").body.find("NEW"), std::string::npos);
        auto const shown = b.admin("POST", at + "/preview-config", json_object{});
        EXPECT_EQ(shown.text("config.opening_message"), "{{NEW}}");
        a.admin("PUT", at, json_object{{"opening_message", "Hi"}});
        EXPECT_EQ(b.admin("POST", at + "/clone", json_object{}).text("opening_message"), "Hi");
        EXPECT_EQ(b.admin("GET", at + "/versions").json.at("total").to_number<int>(), 3);
        EXPECT_EQ(b.admin("POST", at + "/versions/1/restore", json_object{}).status, 200);
        a.admin("DELETE", at);
        EXPECT_EQ(b.admin("GET", at).status, 404);
        EXPECT_EQ(b.admin("GET", at + "/versions/1").status, 404);
    }
}

}  // namespace
}  // namespace cxb::api::test
