// What LiveKit is brought to, against a fake of its Twirp API: what is made, adopted, removed,
// repeated, and what a LiveKit that fails does to carriers.
#include "server/api/carriers/carrier_sync.hpp"
#include "server/api/carriers_fixture.hpp"
#include "support/free_port.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct CarrierSync : CarrierFixture {
    fake_livekit livekit;

    void SetUp() override {
        settings.livekit = livekit.settings();
        settings.push_wait_scale = 0;
        start();
    }
    void TearDown() override { EXPECT_EQ(livekit.faults(), std::vector<std::string>{}); }
    static json_object with_number(json_object extra = {}) {
        extra["dids"] = {{{"number", "+911140000001"}}};
        return acme(std::move(extra));
    }
    std::string sync_jobs(char const* state) {
        return rows(
            "select count(*) from jobs where json_extract(doc,'$.kind')='carrier_sync' and "
            "json_extract(doc,'$.state')='" +
            std::string(state) + "'");
    }
    // As after a crash between making something and keeping its id.
    void forget_ids(std::string const& id) {
        store_beside beside(settings);
        ASSERT_TRUE(beside.run(beside->update_one(model::carriers, store::by_id(id),
                                                  store::update{}
                                                      .unset("lk_inbound_trunk_id")
                                                      .unset("lk_outbound_trunk_id")
                                                      .unset("lk_dispatch_rule_id"))));
    }
};

TEST_F(CarrierSync, TwoTrunksAndARule) {  // 21-34
    auto const made = make(with_number({{"outbound_auth_username", "acme"},
                                        {"outbound_auth_password", "outbound-password"},
                                        {"auth_username", "legacy"},
                                        {"auth_password", "legacy-password"},
                                        {"transport", "tls"},
                                        {"destination_country", "IN"}}));
    EXPECT_EQ(made.text("lk_sync_status"), "synced") << made.body;
    EXPECT_FALSE(made.text("lk_last_synced_at").empty());
    auto const id = made.text("id");
    ASSERT_EQ(livekit.held(), 3U);
    auto const [in_id, in] = *livekit.inbound().begin();
    EXPECT_EQ(made.text("lk_inbound_trunk_id"), in_id);
    EXPECT_EQ(wire::text_at(in, "name"), "cxb-" + id + "-in");
    EXPECT_EQ(wire::text_at(in, "metadata"), R"({"cxb_carrier_id":")" + id + "\"}");
    EXPECT_EQ(wire::to_text(in.at("numbers")), R"(["+911140000001"])");
    EXPECT_EQ(wire::text_at(in, "auth_username"), "legacy");
    EXPECT_EQ(wire::text_at(in, "auth_password"), "legacy-password");
    EXPECT_EQ(wire::text_at(in, "include_headers"), "SIP_X_HEADERS");
    auto const [out_id, out] = *livekit.outbound().begin();
    EXPECT_EQ(made.text("lk_outbound_trunk_id"), out_id);
    EXPECT_EQ(wire::text_at(out, "name"), "cxb-" + id + "-out");
    EXPECT_EQ(wire::text_at(out, "address"), "sip.acme.example:5060");
    EXPECT_EQ(wire::text_at(out, "transport"), "SIP_TRANSPORT_TLS");
    EXPECT_EQ(wire::text_at(out, "destination_country"), "IN");
    EXPECT_EQ(wire::text_at(out, "auth_password"), "outbound-password");
    auto const [rule_id, rule] = *livekit.rules().begin();
    EXPECT_EQ(made.text("lk_dispatch_rule_id"), rule_id);
    EXPECT_EQ(wire::to_text(rule.at("trunk_ids")), "[\"" + in_id + "\"]");
    EXPECT_EQ(wire::text_at(rule, "rule.dispatch_rule_individual.room_prefix"), "call-");
    EXPECT_EQ(rows("select json_extract(doc,'$.key') from jobs"), "cs:" + id + ":1\n");
}

TEST_F(CarrierSync, AnswersInCamelCaseAreReadToo) {
    livekit.camel(true);
    auto const made = make(with_number());
    EXPECT_EQ(made.text("lk_inbound_trunk_id"), livekit.inbound().begin()->first);
    forget_ids(made.text("id"));
    EXPECT_EQ(admin("POST", path_of(made.text("id"), "/sync")).text("lk_sync_status"), "synced");
    EXPECT_EQ(livekit.held(), 3U);
}

TEST_F(CarrierSync, ChangesUpdateWhatIsThereAndRemoveWhatIsNotWanted) {
    auto const made = make(with_number());
    auto const id = made.text("id");
    auto const added =
        admin("POST", path_of(id, "/dids"), json_object{{"number", "1001"}, {"direction", "both"}});
    EXPECT_EQ(added.text("lk_sync_status"), "synced");
    EXPECT_EQ(added.text("lk_inbound_trunk_id"), made.text("lk_inbound_trunk_id"));
    EXPECT_EQ(wire::to_text(livekit.inbound().begin()->second.at("numbers")),
              R"(["+911140000001","1001"])");
    EXPECT_EQ(livekit.held(), 3U);
    auto const outbound_only =
        admin("PUT", path_of(id),
              json_object{{"dids", {{{"number", "+911140000001"}, {"direction", "outbound"}}}}});
    EXPECT_EQ(outbound_only.text("lk_sync_status"), "synced") << outbound_only.body;
    EXPECT_EQ(outbound_only.text("lk_inbound_trunk_id"), "");
    EXPECT_EQ(outbound_only.text("lk_dispatch_rule_id"), "");
    EXPECT_EQ(livekit.outbound().size(), 1U);
    EXPECT_EQ(livekit.held(), 1U);
    EXPECT_EQ(admin("DELETE", path_of(id, "/dids/" + did_of(made))).status, 200);
    EXPECT_EQ(livekit.held(), 0U);
    EXPECT_EQ(shown(id).text("lk_outbound_trunk_id"), "");
}

TEST_F(CarrierSync, ModeIpSendsAddressesInsteadOfCredentials) {
    make(with_number({{"inbound_auth_mode", "ip"},
                      {"auth_username", "legacy"},
                      {"auth_password", "legacy-password"},
                      {"allowed_addresses", {"203.0.113.0/28"}}}));
    auto const in = livekit.inbound().begin()->second;
    EXPECT_EQ(wire::to_text(in.at("allowed_addresses")), R"(["203.0.113.0/28"])");
    EXPECT_FALSE(in.contains("auth_username"));
    EXPECT_FALSE(in.contains("auth_password"));
}

TEST_F(CarrierSync, ACrashBetweenMakingAndKeepingMakesNoSecondOne) {  // 21-34
    auto const made = make(with_number());
    auto const id = made.text("id");
    forget_ids(id);
    EXPECT_EQ(shown(id).text("lk_inbound_trunk_id"), "");
    auto const again = admin("POST", path_of(id, "/sync"));
    ASSERT_EQ(again.status, 200) << again.body;
    for (char const* name : {"lk_inbound_trunk_id", "lk_outbound_trunk_id", "lk_dispatch_rule_id"})
        EXPECT_EQ(again.text(name), made.text(name)) << name;
    EXPECT_EQ(livekit.held(), 3U);
    EXPECT_EQ(livekit.count("CreateSIPInboundTrunk"), 1);
}

TEST_F(CarrierSync, AnAnswerThatIsLostMakesNoSecondOne) {
    std::atomic<int> lost{0};
    livekit.after([&](std::string const& method) -> std::optional<wire::http_response> {
        if (!method.starts_with("Create") || ++lost > 3) return std::nullopt;
        return json_reply(502, "<html>bad gateway</html>");
    });
    auto const id = make(with_number()).text("id");
    ASSERT_TRUE(becomes(id, "synced"));
    EXPECT_EQ(livekit.held(), 3U);
    EXPECT_EQ(lost, 3);
}

TEST_F(CarrierSync, DoublesOfANameAreRemovedButOne) {
    auto const made = make(with_number());
    auto const name = "cxb-" + made.text("id") + "-in";
    livekit.put("SIPInboundTrunk", {{"name", name}, {"numbers", {"1"}}});
    livekit.put("SIPInboundTrunk", {{"name", "somebody else's"}, {"numbers", {"2"}}});
    forget_ids(made.text("id"));
    auto const again = admin("POST", path_of(made.text("id"), "/sync"));
    EXPECT_EQ(again.text("lk_inbound_trunk_id"), made.text("lk_inbound_trunk_id"));
    EXPECT_EQ(livekit.inbound().size(), 2U);
}

TEST_F(CarrierSync, WhatLiveKitForgotIsMadeAnew) {
    auto const made = make(with_number());
    livekit.lose(made.text("lk_outbound_trunk_id"));
    livekit.lose(made.text("lk_dispatch_rule_id"));
    auto const put = admin("PUT", path_of(made.text("id")), json_object{{"outbound_burst", 2}});
    EXPECT_EQ(put.text("lk_sync_status"), "synced") << put.body;
    EXPECT_NE(put.text("lk_outbound_trunk_id"), made.text("lk_outbound_trunk_id"));
    EXPECT_NE(put.text("lk_dispatch_rule_id"), made.text("lk_dispatch_rule_id"));
    EXPECT_EQ(put.text("lk_inbound_trunk_id"), made.text("lk_inbound_trunk_id"));
    EXPECT_EQ(livekit.held(), 3U);
}

TEST_F(CarrierSync, DeletingCleansUpWhateverIsMissingThere) {
    auto const made = make(with_number());
    auto const id = made.text("id");
    livekit.lose(made.text("lk_inbound_trunk_id"));
    // Made, but its id was not kept when the carrier went.
    livekit.put("SIPInboundTrunk", {{"name", "cxb-" + id + "-in"}, {"numbers", {"1"}}});
    EXPECT_EQ(admin("DELETE", path_of(id)).text("status"), "deleted");
    EXPECT_TRUE(eventually([&] { return livekit.held() == 0; }));
    EXPECT_TRUE(eventually([&] {
        return rows(
                   "select json_extract(doc,'$.key','$.state') from jobs where "
                   "json_extract(doc,'$.kind')='carrier_cleanup'") ==
               R"(["cc:)" + id + "\",\"done\"]\n";
    }));
    EXPECT_EQ(shown(id).status, 404);
}

// It made something, and before it could notice that the carrier had gone, its process died.
TEST_F(CarrierSync, WhatATryLeftThatDiedWithItsCarrierIsRemoved) {
    livekit.put("SIPInboundTrunk", {{"name", "cxb-" + std::string(nobody) + "-in"}});
    livekit.put("SIPInboundTrunk", {{"name", "somebody else's"}, {"numbers", {"2"}}});
    auto job = make_sync_job(nobody, 1, clock.now(), system_random());
    job["attempts"] = 1;
    ASSERT_TRUE(beside().run(beside()->ensure(server::jobs)));
    beside().insert(server::jobs, std::move(job));
    EXPECT_TRUE(eventually([&] { return livekit.held() == 1; }));
    EXPECT_EQ(wire::text_at(livekit.inbound().begin()->second, "name"), "somebody else's");
}

TEST_F(CarrierSync, ARefusalIsToldAndRepeated) {
    std::atomic<bool> refuse{true};
    livekit.before([&](std::string const& method) -> std::optional<wire::http_response> {
        if (!refuse || !method.starts_with("Create")) return std::nullopt;
        return fake_livekit::refusal(400, "invalid_argument", "no such country");
    });
    auto const made = make(with_number());
    auto const id = made.text("id");
    EXPECT_NE(made.text("lk_sync_status"), "synced");
    ASSERT_TRUE(becomes(id, "error"));
    EXPECT_EQ(shown(id).text("lk_sync_error"), "no such country");
    auto const now = admin("POST", path_of(id, "/sync"));
    EXPECT_EQ(now.status, 502) << now.body;
    EXPECT_EQ(now.text("detail"), "no such country");
    refuse = false;
    auto const synced = admin("POST", path_of(id, "/sync"));
    EXPECT_EQ(synced.status, 200) << synced.body;
    EXPECT_EQ(synced.text("lk_sync_status"), "synced");
    EXPECT_EQ(synced.text("lk_sync_error"), "");
    EXPECT_EQ(livekit.held(), 3U);
}

TEST_F(CarrierSync, AfterTwentyTriesTheJobIsDead) {
    livekit.before([](std::string const&) {
        return std::optional(fake_livekit::refusal(503, "unavailable", "sip not connected"));
    });
    auto const made = make(with_number());
    ASSERT_TRUE(eventually([&] { return sync_jobs("dead") == "1\n"; }));
    EXPECT_EQ(rows("select json_extract(doc,'$.attempts') from jobs"), "20\n");
    EXPECT_EQ(shown(made.text("id")).text("lk_sync_error"), "sip not connected");
    EXPECT_EQ(rows("select json_extract(doc,'$.lk_sync_holder') from carriers"), "\n");
}

TEST_F(CarrierSync, WaitsAreOneTwoFourSeconds) {
    stop();
    settings.push_wait_scale = 1;
    start();
    livekit.before([](std::string const&) {
        return std::optional(fake_livekit::refusal(500, "internal", "no"));
    });
    auto const made = make(with_number());
    double expected = 1000;
    for (int tries = 1; tries <= 4; ++tries, expected *= 2) {
        ASSERT_TRUE(eventually([&] {
            return rows("select json_extract(doc,'$.attempts','$.state') from jobs") ==
                   "[" + std::to_string(tries) + ",\"queued\"]\n";
        }));
        auto const due =
            parse_timestamp(rows("select json_extract(doc,'$.run_at') from jobs").substr(0, 24));
        ASSERT_TRUE(due);
        auto const wait = std::chrono::duration<double, std::milli>(*due - clock.now()).count();
        EXPECT_LE(wait, expected * 1.2 + 1);
        EXPECT_GE(wait, expected * 0.8 - 1);
        clock.advance(std::chrono::milliseconds{static_cast<int>(expected * 1.2) + 1});
    }
}

TEST_F(CarrierSync, LiveKitThatCannotBeReachedLeavesTheCarrierAsItWasWritten) {
    stop();
    settings.livekit.url = "ws://127.0.0.1:" + std::to_string(cxb::test::free_port());
    start();
    auto const made = make(with_number());
    ASSERT_TRUE(becomes(made.text("id"), "error"));
    EXPECT_EQ(shown(made.text("id")).text("lk_sync_error"), "LiveKit unreachable");
    EXPECT_EQ(shown(made.text("id")).json.at("dids"), made.json.at("dids"));
    auto const now = admin("POST", path_of(made.text("id"), "/sync"));
    EXPECT_EQ(now.status, 502);
    EXPECT_EQ(now.text("detail"), "LiveKit unreachable");
    auto const ready = send("GET", "/ready");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(ready.text("status"), "degraded");
    EXPECT_FALSE(ready.json.at("checks").at("livekit").at("ok").as_bool());
    EXPECT_NE(send("GET", "/metrics").body.find("cxb_livekit_up 0"), std::string::npos);
}

TEST_F(CarrierSync, ReadyAndMetricsShowALiveKitThatAnswers) {
    auto const ready = send("GET", "/ready");
    EXPECT_TRUE(ready.json.at("checks").at("livekit").at("ok").as_bool()) << ready.body;
    EXPECT_NE(send("GET", "/metrics").body.find("cxb_livekit_up 1"), std::string::npos);
    livekit.before([](std::string const&) {
        return std::optional(fake_livekit::refusal(500, "internal", "sip not connected"));
    });
    auto const degraded = send("GET", "/ready");
    EXPECT_EQ(degraded.text("status"), "degraded");
    EXPECT_EQ(degraded.json.at("checks").at("livekit").at("detail").as_string(),
              "sip not connected");
    // It is there, it only does not do it.
    EXPECT_NE(send("GET", "/metrics").body.find("cxb_livekit_up 1"), std::string::npos);
}

TEST_F(CarrierSync, AWrongKeyIsTold) {
    stop();
    settings.livekit.api_secret = secret("not-the-secret-of-that-server-at-all");
    start();
    auto const id = make(with_number()).text("id");
    ASSERT_TRUE(becomes(id, "error"));
    EXPECT_EQ(shown(id).text("lk_sync_error"), "permissions denied");
    EXPECT_EQ(livekit.held(), 0U);
}

// Two jobs of one carrier, and a person, at once.
TEST_F(CarrierSync, ManyChangesAtOnceEndAtTheLastOne) {
    auto const made = make(with_number());
    auto const id = made.text("id");
    auto const bearer = "Bearer " + token();
    auto const got = at_once(12, [&](std::size_t i) {
        client::outgoing_request request{url() + path_of(id, i % 3 == 0 ? "/sync" : "/dids"), {}};
        request.message.method = "POST";
        request.message.headers = {{"Authorization", bearer}, {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(json_object{{"number", std::to_string(2000 + i)}});
        return request;
    });
    for (auto const& each : got)
        EXPECT_TRUE(each.status == 200 || each.status == 201) << each.body;
    clock.advance(2s);
    ASSERT_TRUE(becomes(id, "synced"));
    EXPECT_EQ(livekit.held(), 3U);
    EXPECT_EQ(livekit.inbound().begin()->second.at("numbers").as_array().size(), 9U);
    EXPECT_EQ(livekit.count("CreateSIPInboundTrunk"), 1);
}

TEST_F(CarrierSync, WhoHoldsTheCarrierElsewhereIsWaitedForUntilItsTimeIsOver) {
    auto const made = make(with_number());
    auto const id = made.text("id");
    store_beside beside(settings);
    ASSERT_TRUE(beside.run(beside->update_one(
        model::carriers, store::by_id(id),
        store::update{}
            .set("lk_sync_holder", "another process")
            .set("lk_sync_until", json_value(format_timestamp(clock.now() + 60s))))));
    auto const busy = admin("POST", path_of(id, "/sync"));
    EXPECT_EQ(busy.status, 503) << busy.body;
    EXPECT_EQ(busy.text("code"), "sync_running");
    clock.advance(61s);
    EXPECT_EQ(admin("POST", path_of(id, "/sync")).status, 200);
}

TEST_F(CarrierSync, AWriteWaitsAtMostFiveSecondsAndStands) {
    std::atomic<bool> held{true};
    livekit.before([&](std::string const&) -> std::optional<wire::http_response> {
        // The fake answers on a thread of its own.
        while (held)
            cxb::test::short_pause();
        return std::nullopt;
    });
    auto const began = std::chrono::steady_clock::now();
    auto const made = make(with_number());
    auto const took = std::chrono::steady_clock::now() - began;
    held = false;
    EXPECT_GE(took, 4500ms);
    EXPECT_LE(took, 20s);
    EXPECT_NE(made.text("lk_sync_status"), "synced");
    ASSERT_TRUE(becomes(made.text("id"), "synced"));
    EXPECT_EQ(livekit.held(), 3U);
}

}  // namespace
}  // namespace cxb::api::test
