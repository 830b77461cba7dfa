// The loop that looks whether LiveKit still holds what was made there.
#include "cxb/base/ids.hpp"
#include "server/api/carriers_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct TrunkHealth : CarrierFixture {
    fake_livekit livekit;

    void SetUp() override {
        settings.livekit = livekit.settings();
        surroundings.trunk_look = 20ms;
        start();
    }
    answer make_synced(json_object extra = {}) {
        extra["dids"] = {{{"number", "+911140000001"}}};
        auto made = make(acme(std::move(extra)));
        EXPECT_EQ(made.text("lk_sync_status"), "synced") << made.body;
        return made;
    }
    bool looked(int times) {
        int const before = livekit.count("ListSIPOutboundTrunk");
        return eventually([&] { return livekit.count("ListSIPOutboundTrunk") >= before + times; });
    }
};

TEST_F(TrunkHealth, WhatSomebodyRemovedIsRestored) {  // 21-34
    auto const made = make_synced();
    for (char const* member :
         {"lk_inbound_trunk_id", "lk_outbound_trunk_id", "lk_dispatch_rule_id"}) {
        auto const before = shown(made.text("id"));
        livekit.lose(before.text(member));
        ASSERT_TRUE(eventually([&] {
            return livekit.held() == 3 && status_of(made.text("id")) == "synced";
        })) << member;
        EXPECT_NE(shown(made.text("id")).text(member), before.text(member));
        EXPECT_EQ(livekit.held(), 3U);
    }
    EXPECT_EQ(livekit.faults(), std::vector<std::string>{});
}

// Each under a version and with a job of its own, which nobody runs here.
TEST_F(TrunkHealth, NamesWhatIsMissing) {
    stop();
    settings.jobs.workers = 0;
    start();
    store_beside beside(settings);
    std::pair<char const*, char const*> const cases[] = {
        {"lk_inbound_trunk_id", "trunk missing in LiveKit"},
        {"lk_outbound_trunk_id", "trunk missing in LiveKit"},
        {"lk_dispatch_rule_id", "dispatch rule missing in LiveKit"}};
    for (auto const& [member, said] : cases) {
        std::string const id = make_hex24(clock.now(), system_random());
        beside.insert(model::carriers, {{"_id", id},
                                        {"name", member},
                                        {"version", 1},
                                        {"lk_sync_status", "synced"},
                                        {member, "ST_gone"},
                                        {"created_at", format_timestamp(clock.now())}});
        ASSERT_TRUE(becomes(id, "error")) << member;
        auto const is = [&](char const* name) {
            return rows("select json_extract(doc,'$." + std::string(name) +
                        "') from carriers where id='" + id + "'");
        };
        EXPECT_EQ(is("lk_sync_error"), said + std::string("\n"));
        EXPECT_EQ(is("version"), "2\n");
        int const before = livekit.count("ListSIPInboundTrunk");
        ASSERT_TRUE(eventually([&] { return livekit.count("ListSIPInboundTrunk") >= before + 2; }));
        EXPECT_EQ(rows("select json_extract(doc,'$.key') from jobs where "
                       "json_extract(doc,'$.payload.carrier_id')='" +
                       id + "'"),
                  "cs:" + id + ":2\n");
    }
}

TEST_F(TrunkHealth, TellsWhatIsMissingUntilItIsThereAgain) {
    stop();
    settings.push_wait_scale = 1;
    start();
    auto const made = make_synced();
    livekit.before([](std::string const& method) -> std::optional<wire::http_response> {
        if (!method.starts_with("Update")) return std::nullopt;
        return fake_livekit::refusal(500, "internal", "not now");
    });
    livekit.lose(made.text("lk_inbound_trunk_id"));
    ASSERT_TRUE(becomes(made.text("id"), "error"));
    // One job for it, however often the loop looks.
    ASSERT_TRUE(looked(3));
    EXPECT_EQ(rows("select count(*) from jobs where json_extract(doc,'$.key') like 'cs:%'"), "2\n");
    EXPECT_EQ(shown(made.text("id")).json.at("version").to_number<int>(), 2);
    livekit.before({});
    clock.advance(2s);
    ASSERT_TRUE(becomes(made.text("id"), "synced"));
    EXPECT_EQ(livekit.held(), 3U);
}

TEST_F(TrunkHealth, ALiveKitThatFailsChangesNoCarrier) {
    auto const made = make_synced();
    livekit.before([](std::string const&) {
        return std::optional(fake_livekit::refusal(503, "unavailable", "redis is away"));
    });
    livekit.lose(made.text("lk_inbound_trunk_id"));
    auto const before = shown(made.text("id"));
    int const asked = static_cast<int>(livekit.methods().size());
    ASSERT_TRUE(eventually([&] { return static_cast<int>(livekit.methods().size()) > asked + 3; }));
    auto const after = shown(made.text("id"));
    EXPECT_EQ(after.text("lk_sync_status"), before.text("lk_sync_status"));
    EXPECT_EQ(after.json.at("version"), before.json.at("version"));
    auto const loops = send("GET", "/ready").json.at("checks").at("loops");
    EXPECT_FALSE(loops.at("trunk_health").at("ok").as_bool());
}

// However long it lasted, and whatever was written meanwhile.
TEST_F(TrunkHealth, AfterAnOutageWhatCouldNotBeDoneIsDone) {
    auto const stays = make_synced();
    auto const goes = make(acme({{"name", "Other"}, {"dids", {{{"number", "1001"}}}}}));
    EXPECT_EQ(livekit.held(), 6U);
    livekit.before([](std::string const&) {
        return std::optional(fake_livekit::refusal(503, "unavailable", "redis is away"));
    });
    EXPECT_EQ(admin("PUT", path_of(stays.text("id")), json_object{{"transport", "tls"}}).status,
              200);
    EXPECT_EQ(admin("DELETE", path_of(goes.text("id"))).status, 200);
    auto const dead = [&] {
        return rows(
            "select group_concat(k) from (select json_extract(doc,'$.kind') k from jobs "
            "where json_extract(doc,'$.state')='dead' order by k)");
    };
    ASSERT_TRUE(eventually([&] { return dead() == "carrier_cleanup,carrier_sync\n"; }));
    EXPECT_EQ(status_of(stays.text("id")), "error");
    livekit.before({});
    ASSERT_TRUE(becomes(stays.text("id"), "synced"));
    ASSERT_TRUE(eventually([&] { return livekit.held() == 3U; }));
    EXPECT_EQ(wire::text_at(livekit.outbound().begin()->second, "transport"), "SIP_TRANSPORT_TLS");
    ASSERT_TRUE(eventually([&] { return dead() == "\n"; }));
}

TEST_F(TrunkHealth, WhatLiveKitRefusesIsLeftToPeople) {
    auto const made = make_synced();
    livekit.before([](std::string const& method) -> std::optional<wire::http_response> {
        if (!method.starts_with("Update")) return std::nullopt;
        return fake_livekit::refusal(400, "invalid_argument", "bad transport");
    });
    EXPECT_EQ(admin("PUT", path_of(made.text("id")), json_object{{"transport", "tls"}}).status,
              200);
    auto const dead = [&] {
        return rows("select count(*) from jobs where json_extract(doc,'$.state')='dead'");
    };
    ASSERT_TRUE(eventually([&] { return dead() == "1\n"; }));
    livekit.before({});
    ASSERT_TRUE(looked(3));
    EXPECT_EQ(dead(), "1\n");
    EXPECT_EQ(shown(made.text("id")).text("lk_sync_error"), "bad transport");
}

TEST_F(TrunkHealth, CarriersFromBeforeThereWasALiveKitAreBroughtThere) {
    stop();
    settings.livekit = {};
    start();
    auto const made = make(acme({{"dids", {{{"number", "+911140000001"}}}}}));
    EXPECT_EQ(made.text("lk_sync_status"), "pending");
    EXPECT_EQ(livekit.held(), 0U);
    stop();
    settings.livekit = livekit.settings();
    start();
    ASSERT_TRUE(becomes(made.text("id"), "synced"));
    EXPECT_EQ(livekit.held(), 3U);
}

}  // namespace
}  // namespace cxb::api::test
