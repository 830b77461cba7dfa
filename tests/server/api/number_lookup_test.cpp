// Which bot a dialled number has, by which trunk a call leaves, and which number may be shown.
#include "cxb/base/encoding.hpp"
#include "server/api/carriers_fixture.hpp"

namespace cxb::api::test {
namespace {

struct NumberLookup : CarrierFixture {
    fake_livekit livekit;
    std::string bot;

    void SetUp() override {
        settings.livekit = livekit.settings();
        start();
        bot = make_bot();
    }
    json_object did(char const* number, char const* direction = "both") const {
        return {{"number", number}, {"direction", direction}, {"bot_id", bot}};
    }
    answer lookup(std::string const& number) {
        clock.advance(std::chrono::milliseconds{100});
        return core("GET", "/api/v1/sip/lookup?number=" + percent_encode(number));
    }
    answer trunk(std::string const& number = {}) {
        clock.advance(std::chrono::milliseconds{100});
        return core("GET", "/api/v1/sip/outbound-trunk" +
                               (number.empty() ? "" : "?from_number=" + percent_encode(number)));
    }
};

TEST_F(NumberLookup, EveryFormFindsTheNumber) {  // 21-36
    auto const made = make(acme({{"dids",
                                  {did("+911140000001"), did("+911140000002", "inbound"),
                                   did("1001"), did("+911140000003", "outbound")}}}));
    for (char const* form :
         {"+911140000002", "00911140000002", "911140000002", "01140000002", "1140000002",
          "sip:+911140000002@203.0.113.5:5060", "tel:+91-11-4000-0002", "+91 (11) 4000.0002",
          "sips:911140000002@host;user=phone", "441140000002"}) {
        auto const got = lookup(form);
        ASSERT_EQ(got.status, 200) << form << got.body;
        EXPECT_EQ(got.text("did_id"), did_of(made, 1)) << form;
        EXPECT_EQ(got.text("bot_id"), bot);
        EXPECT_EQ(got.text("carrier_id"), made.text("id"));
    }
    EXPECT_EQ(lookup("1001").text("did_id"), did_of(made, 2));
    for (char const* form : {"+911140000003", "+911140000009", "0002", "2", "1002", "nobody"}) {
        auto const none = lookup(form);
        EXPECT_EQ(none.status, 404) << form;
        EXPECT_EQ(none.text("detail"), "No bot mapped to this number");
    }
    for (char const* form : {"", " ", "sip:@host"})
        refused(lookup(form), "/number");
    refused(core("GET", "/api/v1/sip/lookup"), "/number");
    EXPECT_EQ(send("GET", "/api/v1/sip/lookup?number=1001").status, 403);
}

TEST_F(NumberLookup, TenDigitsThatTwoNumbersEndWithAreNobodys) {  // 21-36
    make(acme({{"dids", {did("+911140000001"), did("+11140000001")}}}));
    EXPECT_EQ(lookup("441140000001").status, 404);
    EXPECT_EQ(lookup("+911140000001").status, 200);
    EXPECT_EQ(lookup("11140000001").status, 200);
}

TEST_F(NumberLookup, WithoutABotOrInADisabledCarrierThereIsNone) {
    auto const made = make(acme(
        {{"dids", {{{"number", "+911140000001"}}, did("+911140000002"), did("+19990000001")}}}));
    auto const other = make(acme({{"name", "Other"}, {"dids", {did("+919990000001")}}}));
    EXPECT_EQ(lookup("+911140000001").status, 404);
    EXPECT_EQ(lookup("+911140000002").status, 200);
    EXPECT_EQ(lookup("449990000001").status, 404);
    auto const off = json_object{{"enabled", false}};
    EXPECT_EQ(admin("PUT", path_of(made.text("id")), off).status, 200);
    EXPECT_EQ(lookup("+911140000002").status, 404);
    // One that does not count is not in the way of one that does.
    EXPECT_EQ(lookup("449990000001").text("carrier_id"), other.text("id"));
    EXPECT_EQ(admin("PUT", path_of(made.text("id")), json_object{{"enabled", true}}).status, 200);
    EXPECT_EQ(lookup("+911140000002").status, 200);
}

TEST_F(NumberLookup, TheTrunkOfANumberAndOfTheOldestCarrier) {
    auto const none = trunk();
    EXPECT_EQ(none.status, 404);
    EXPECT_EQ(none.text("detail"), "No outbound trunk available");
    make(acme({{"name", "Inbound"}, {"dids", {did("+911140000009", "inbound")}}}));
    auto const first = make(acme({{"name", "First"},
                                  {"outbound_cps", 2.5},
                                  {"outbound_burst", 3},
                                  {"outbound_channels", 40},
                                  {"dids", {did("1001", "inbound"), did("+911140000001")}}}));
    auto const second =
        make(acme({{"name", "Second"}, {"dids", {did("+911140000002", "outbound"), did("1002")}}}));
    auto const oldest = trunk();
    ASSERT_EQ(oldest.status, 200) << oldest.body;
    EXPECT_EQ(oldest.text("trunk_id"), first.text("lk_outbound_trunk_id"));
    EXPECT_EQ(oldest.text("number"), "+911140000001");
    EXPECT_EQ(oldest.text("carrier_id"), first.text("id"));
    EXPECT_EQ(oldest.json.at("outbound_cps").to_number<double>(), 2.5);
    EXPECT_EQ(oldest.json.at("outbound_burst").to_number<int>(), 3);
    EXPECT_EQ(oldest.json.at("outbound_channels").to_number<int>(), 40);
    auto const named = trunk("911140000002");
    EXPECT_EQ(named.text("trunk_id"), second.text("lk_outbound_trunk_id"));
    EXPECT_EQ(named.text("number"), "+911140000002");
    EXPECT_EQ(named.json.at("outbound_channels").to_number<int>(), 10);
    EXPECT_EQ(trunk("1001").status, 404);
    EXPECT_EQ(trunk("+911140000009").status, 404);
    EXPECT_EQ(trunk("+14155550100").status, 404);
    refused(trunk(" "), "/from_number");
    EXPECT_EQ(admin("PUT", path_of(first.text("id")), json_object{{"enabled", false}}).status, 200);
    EXPECT_EQ(trunk().text("carrier_id"), second.text("id"));
    EXPECT_EQ(trunk("+911140000001").status, 404);
    EXPECT_EQ(send("GET", "/api/v1/sip/outbound-trunk").status, 403);
}

TEST_F(NumberLookup, ADialoutShowsOnlyNumbersThatMayCall) {
    peer host([](wire::http_request const& request, int) {
        if (request.path == "/health/fleet")
            return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":9,)"
                                   R"("fleet_available":9,"workers":[]})");
        return json_reply(200, R"({"status":"accepted","call_id":"c1","room_name":"r1"})");
    });
    ASSERT_EQ(admin("PUT", "/api/v1/settings/fleet",
                    json_object{{"core_fleet", wire::json_array{json_value(host.url())}}})
                  .status,
              200);
    auto const dial = [&](char const* from, char const* path = "/api/v1/sip/dialout") {
        return admin(
            "POST", path,
            json_object{{"bot_id", bot}, {"to_number", "98765 43210"}, {"from_number", from}});
    };
    EXPECT_EQ(dial("+14155550100").status, 200);
    auto const made = make(acme({{"dids", {did("+911140000001"), did("1001", "inbound")}}}));
    auto const before = host.count();
    refused(dial("+14155550100"), "/from_number");
    refused(dial("1001"), "/from_number");
    refused(dial("+14155550100", ("/api/v1/bots/" + bot + "/test-call").c_str()), "/from_number");
    EXPECT_EQ(host.count(), before);
    EXPECT_EQ(dial("911140000001").status, 200);
    EXPECT_EQ(admin("POST", "/api/v1/sip/dialout",
                    json_object{{"bot_id", bot}, {"to_number", "98765 43210"}})
                  .status,
              200);
    EXPECT_EQ(admin("PUT", path_of(made.text("id")), json_object{{"enabled", false}}).status, 200);
    EXPECT_EQ(dial("+14155550100").status, 200);
}

}  // namespace
}  // namespace cxb::api::test
