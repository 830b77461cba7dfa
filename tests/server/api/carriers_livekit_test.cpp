// Carriers against a real LiveKit server with its SIP service.
#include "cxb/contract/livekit/access_token.hpp"
#include "server/api/carriers_fixture.hpp"
#include "support/livekit_server.hpp"
#include "support/required.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct CarriersAtLiveKit : CarrierFixture {
    std::unique_ptr<cxb::test::livekit_server> livekit;

    void SetUp() override {
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_livekit_server());
        livekit = std::make_unique<cxb::test::livekit_server>();
        settings.livekit = {livekit->url(), livekit->api_key, secret(livekit->api_secret)};
        settings.push_wait_scale = 0;
        surroundings.trunk_look = 200ms;
        start();
    }
    // Asks LiveKit by curl, past our client.
    json_object ask(std::string const& method, json_object const& body = {}) const {
        namespace lk = contract::livekit;
        auto const token = lk::mint_token(livekit->api_key, secret(livekit->api_secret),
                                          lk::server(), real_clock().now());
        auto const text = livekit->ask(method, wire::to_text(body), token.value());
        auto const parsed = wire::parse_json(text);
        EXPECT_TRUE(parsed && parsed->is_object()) << text << livekit->log_text();
        return parsed && parsed->is_object() ? parsed->as_object() : json_object{};
    }
    wire::json_array listed(std::string const& method) const {
        auto const answer = ask(method);
        auto const* items = answer.if_contains("items");
        return items != nullptr && items->is_array() ? items->get_array() : wire::json_array{};
    }
    std::string counts() const {
        std::string out;
        for (char const* method :
             {"ListSIPInboundTrunk", "ListSIPOutboundTrunk", "ListSIPDispatchRule"})
            out += std::to_string(listed(method).size());
        return out;
    }
    answer make_synced(json_object extra = {}) {
        extra["dids"] = {{{"number", "+911140000001"}}};
        auto made = make(acme(std::move(extra)));
        EXPECT_EQ(made.text("lk_sync_status"), "synced") << made.body << livekit->log_text();
        return made;
    }
};

TEST_F(CarriersAtLiveKit, TakesTrunksAndRuleAsWeWriteThem) {  // 21-34
    auto const made = make_synced({{"transport", "tls"},
                                   {"destination_country", "IN"},
                                   {"auth_username", "acme"},
                                   {"auth_password", "password-of-acme"}});
    auto const id = made.text("id");
    ASSERT_EQ(counts(), "111");
    auto const in = listed("ListSIPInboundTrunk").at(0).as_object();
    EXPECT_EQ(wire::text_at(in, "sip_trunk_id"), made.text("lk_inbound_trunk_id"));
    EXPECT_EQ(wire::text_at(in, "name"), "cxb-" + id + "-in");
    EXPECT_EQ(wire::text_at(in, "metadata"), R"({"cxb_carrier_id":")" + id + "\"}");
    EXPECT_EQ(wire::to_text(in.at("numbers")), R"(["+911140000001"])");
    EXPECT_EQ(wire::text_at(in, "auth_password"), "password-of-acme");
    EXPECT_EQ(wire::text_at(in, "include_headers"), "SIP_X_HEADERS");
    auto const out = listed("ListSIPOutboundTrunk").at(0).as_object();
    EXPECT_EQ(wire::text_at(out, "sip_trunk_id"), made.text("lk_outbound_trunk_id"));
    EXPECT_EQ(wire::text_at(out, "address"), "sip.acme.example:5060");
    EXPECT_EQ(wire::text_at(out, "transport"), "SIP_TRANSPORT_TLS");
    EXPECT_EQ(wire::text_at(out, "destination_country"), "IN");
    EXPECT_EQ(wire::text_at(out, "auth_username"), "acme");
    auto const rule = listed("ListSIPDispatchRule").at(0).as_object();
    EXPECT_EQ(wire::text_at(rule, "sip_dispatch_rule_id"), made.text("lk_dispatch_rule_id"));
    EXPECT_EQ(wire::to_text(rule.at("trunk_ids")),
              "[\"" + made.text("lk_inbound_trunk_id") + "\"]");
    EXPECT_EQ(wire::text_at(rule, "rule.dispatch_rule_individual.room_prefix"), "call-");
    auto const ready = send("GET", "/ready");
    EXPECT_TRUE(ready.json.at("checks").at("livekit").at("ok").as_bool()) << ready.body;
}

TEST_F(CarriersAtLiveKit, FollowsNumbersAddressesAndTheEnd) {
    auto const made = make_synced();
    auto const id = made.text("id");
    auto const added = admin("POST", path_of(id, "/dids"), json_object{{"number", "1001"}});
    EXPECT_EQ(added.text("lk_sync_status"), "synced") << added.body;
    auto const changed = admin("PUT", path_of(id),
                               json_object{{"inbound_auth_mode", "ip"},
                                           {"inbound_allowed_addresses", {"203.0.113.0/28"}}});
    EXPECT_EQ(changed.text("lk_sync_status"), "synced") << changed.body;
    auto const in = listed("ListSIPInboundTrunk").at(0).as_object();
    EXPECT_EQ(wire::to_text(in.at("numbers")), R"(["+911140000001","1001"])");
    EXPECT_EQ(wire::to_text(in.at("allowed_addresses")), R"(["203.0.113.0/28"])");
    EXPECT_EQ(changed.text("lk_inbound_trunk_id"), made.text("lk_inbound_trunk_id"));
    EXPECT_EQ(counts(), "111");
    auto const outbound =
        admin("PUT", path_of(id),
              json_object{{"dids", {{{"number", "1001"}, {"direction", "outbound"}}}}});
    EXPECT_EQ(outbound.text("lk_sync_status"), "synced") << outbound.body;
    EXPECT_EQ(counts(), "010");
    EXPECT_EQ(admin("DELETE", path_of(id)).status, 200);
    EXPECT_TRUE(eventually([&] { return counts() == "000"; }));
}

TEST_F(CarriersAtLiveKit, ACrashBetweenMakingAndKeepingMakesNoSecondOne) {  // 21-34
    auto const made = make_synced();
    auto const id = made.text("id");
    {
        store_beside beside(settings);
        ASSERT_TRUE(beside.run(beside->update_one(model::carriers, store::by_id(id),
                                                  store::update{}
                                                      .unset("lk_inbound_trunk_id")
                                                      .unset("lk_outbound_trunk_id")
                                                      .unset("lk_dispatch_rule_id"))));
    }
    auto const again = admin("POST", path_of(id, "/sync"));
    ASSERT_EQ(again.status, 200) << again.body;
    for (char const* name : {"lk_inbound_trunk_id", "lk_outbound_trunk_id", "lk_dispatch_rule_id"})
        EXPECT_EQ(again.text(name), made.text(name)) << name;
    EXPECT_EQ(counts(), "111");
}

TEST_F(CarriersAtLiveKit, ATrunkThatSomebodyDeletedIsRestored) {  // 21-34
    auto const made = make_synced();
    auto const id = made.text("id");
    ask("DeleteSIPTrunk", {{"sip_trunk_id", made.text("lk_inbound_trunk_id")}});
    ask("DeleteSIPTrunk", {{"sip_trunk_id", made.text("lk_outbound_trunk_id")}});
    ask("DeleteSIPDispatchRule", {{"sip_dispatch_rule_id", made.text("lk_dispatch_rule_id")}});
    ASSERT_TRUE(eventually([&] { return counts() == "111"; }));
    ASSERT_TRUE(becomes(id, "synced"));
    auto const now = shown(id);
    EXPECT_EQ(wire::text_at(listed("ListSIPInboundTrunk").at(0).as_object(), "sip_trunk_id"),
              now.text("lk_inbound_trunk_id"));
    EXPECT_NE(now.text("lk_inbound_trunk_id"), made.text("lk_inbound_trunk_id"));
}

TEST_F(CarriersAtLiveKit, AServerThatWasAwayIsCaughtUpWith) {
    auto const made = make_synced();
    auto const id = made.text("id");
    livekit->kill();
    auto const added = admin("POST", path_of(id, "/dids"), json_object{{"number", "1001"}});
    EXPECT_EQ(added.status, 201);
    EXPECT_NE(added.text("lk_sync_status"), "synced");
    livekit->start();
    auto const synced = admin("POST", path_of(id, "/sync"));
    ASSERT_EQ(synced.status, 200) << synced.body;
    EXPECT_EQ(counts(), "111");
    EXPECT_EQ(wire::to_text(listed("ListSIPInboundTrunk").at(0).as_object().at("numbers")),
              R"(["+911140000001","1001"])");
}

}  // namespace
}  // namespace cxb::api::test
