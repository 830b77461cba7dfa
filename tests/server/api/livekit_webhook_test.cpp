// What the LiveKit server tells (spec 21 §7): who is believed, which events lead to a call, and
// that each leads to one.
#include <array>

#include "cxb/testing/fake_core.hpp"
#include "server/api/store_beside.hpp"
#include "server/api/ways_fixture.hpp"

namespace cxb::api::test {
namespace {

namespace livekit = contract::livekit;
using namespace std::chrono_literals;

constexpr char const* webhook_path = "/api/v1/livekit/webhook";
constexpr char const* ok_body = R"({"ok":true})";

json_object joined(std::string const& id, json_object attributes, json_object more = {}) {
    json_object who{{"sid", "PA_1"},
                    {"identity", "sip_+919876543210"},
                    {"kind", "SIP"},
                    {"attributes", std::move(attributes)}};
    for (auto const& [name, value] : more)
        who[name] = value;
    return {{"event", "participant_joined"},
            {"id", id},
            {"createdAt", 1767323045},
            {"room", {{"sid", "RM_1"}, {"name", "call-_+919876543210_x"}}},
            {"participant", std::move(who)}};
}

json_object caller_joined(std::string const& id) {
    return joined(id, {{"sip.phoneNumber", "+919876543210"},
                       {"sip.calledNumber", "+911140000001"},
                       {"sip.trunkID", "ST_1"},
                       {"sip.callID", "SCL_1"}});
}

struct LivekitWebhook : WaysFixture {
    worker_host host;

    std::string signed_by_us(std::string const& body) {
        return livekit::sign_webhook(body, livekit_credentials(), clock.now()).value();
    }
    static wire::header_list headers_of(std::string const& token) {
        return {{"Content-Type", "application/webhook+json"}, {"Authorization", token}};
    }
    answer tell(json_object const& event) {
        auto const body = wire::to_text(event);
        return send_text("POST", webhook_path, body, headers_of(signed_by_us(body)));
    }
};

TEST_F(LivekitWebhook, ACallerIsGivenToAWorker) {
    fleet({host.url()});
    auto const got = tell(caller_joined("EV_1"));
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.body, R"({"status":"accepted","call_id":"c-1"})");
    auto const orders = host.orders();
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].path, "/livekit/dispatch");
    EXPECT_EQ(orders[0].headers.get("X-CXBCore-Secret"), "dev-secret");
    EXPECT_EQ(wire::to_canonical(order_of(orders[0])),
              R"({"call_id":"SCL_1","caller_number":"+919876543210",)"
              R"("dialed_number":"+911140000001","room_name":"call-_+919876543210_x"})");
}

TEST_F(LivekitWebhook, OnlyOurServerIsBelieved) {  // 21-37
    fleet({host.url()});
    auto const body = wire::to_text(caller_joined("EV_1"));
    auto const missing =
        send_text("POST", webhook_path, body, {{"Content-Type", "application/json"}});
    EXPECT_EQ(missing.status, 401);
    EXPECT_EQ(missing.text("detail"), "Missing auth");
    auto const good = signed_by_us(body);
    auto const tampered = send_text("POST", webhook_path, body + " ", headers_of(good));
    EXPECT_EQ(tampered.status, 401);
    EXPECT_EQ(tampered.text("detail"), "Invalid signature");
    auto const stranger = livekit::sign_webhook(body, {"devkey", secret("another")}, clock.now());
    EXPECT_EQ(send_text("POST", webhook_path, body, headers_of(stranger.value())).status, 401);
    clock.advance(1h);
    EXPECT_EQ(send_text("POST", webhook_path, body, headers_of(good)).status, 401);
    EXPECT_TRUE(host.orders().empty());
}

TEST_F(LivekitWebhook, OfOtherEventsNothingFollows) {  // 21-37
    fleet({host.url()});
    auto other_event = caller_joined("EV_1");
    other_event["event"] = "participant_left";
    auto unknown_event = caller_joined("EV_2");
    unknown_event["event"] = "participant_yawned";
    auto other_room = caller_joined("EV_3");
    other_room["room"] = json_object{{"name", "dialout-1"}};
    auto no_room = caller_joined("EV_4");
    no_room.erase("room");
    auto browser = joined("EV_5", {}, {{"kind", "STANDARD"}});
    auto bot = joined("EV_6", {}, {{"kind", 4}});
    for (auto const& event : {other_event, unknown_event, other_room, no_room, browser, bot}) {
        auto const got = tell(event);
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.body, ok_body) << wire::to_text(event);
    }
    EXPECT_TRUE(host.orders().empty());
    // The kind may be a number: 3 is a telephone.
    auto numbered = caller_joined("EV_7");
    numbered["participant"].as_object()["kind"] = 3;
    EXPECT_NE(tell(numbered).body, ok_body);
    EXPECT_EQ(host.orders().size(), 1U);
}

TEST_F(LivekitWebhook, TheSameEventTwiceDispatchesOnce) {  // 21-37
    fleet({host.url()});
    EXPECT_NE(tell(caller_joined("EV_1")).body, ok_body);
    auto const again = tell(caller_joined("EV_1"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, ok_body);
    restart();  // it stands in the store
    EXPECT_EQ(tell(caller_joined("EV_1")).body, ok_body);
    EXPECT_EQ(host.orders().size(), 1U);
    EXPECT_NE(tell(caller_joined("EV_2")).body, ok_body);
    EXPECT_EQ(host.orders().size(), 2U);
    clock.advance(24h + 1s);
    EXPECT_NE(tell(caller_joined("EV_1")).body, ok_body);
}

TEST_F(LivekitWebhook, TheSameEventManyTimesAtOnceDispatchesOnce) {  // 21-37
    fleet({host.url()});
    auto const body = wire::to_text(caller_joined("EV_1"));
    auto const token = signed_by_us(body);
    auto const got = at_once(8, [&](std::size_t) {
        client::outgoing_request request{url() + webhook_path, {}, {}};
        request.message.method = "POST";
        request.message.headers = headers_of(token);
        request.message.body = body;
        return request;
    });
    int relayed = 0;
    for (auto const& one : got) {
        EXPECT_EQ(one.status, 200) << one.body;
        relayed += one.body != ok_body ? 1 : 0;
    }
    EXPECT_EQ(relayed, 1);
    EXPECT_EQ(host.orders().size(), 1U);
}

TEST_F(LivekitWebhook, AnEventWithoutIdIsHandedOverEachTime) {
    fleet({host.url()});
    auto event = caller_joined("");
    event.erase("id");
    EXPECT_NE(tell(event).body, ok_body);
    EXPECT_NE(tell(event).body, ok_body);
    EXPECT_EQ(host.orders().size(), 2U);
}

// The worker has let the caller go: neither another host nor LiveKit's repeat can bring him back.
TEST_F(LivekitWebhook, AFullWorkerIsRelayedAndNotRepeated) {  // 21-37
    worker_host second;
    second.free = 1;
    fleet({host.url(), second.url()});
    host.status = 429;
    auto const got = tell(caller_joined("EV_1"));
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.body, R"({"error":"its words","detail":"its words"})");
    EXPECT_EQ(tell(caller_joined("EV_1")).body, ok_body);
    EXPECT_EQ(host.orders().size(), 1U);
    EXPECT_TRUE(second.orders().empty());
    host.status = 404;  // no bot for the number: the same
    EXPECT_EQ(tell(caller_joined("EV_2")).status, 404);
    EXPECT_EQ(tell(caller_joined("EV_2")).body, ok_body);
}

TEST_F(LivekitWebhook, AFailedHandOverIsTriedAgain) {
    worker_host second;
    second.free = 1;
    fleet({host.url(), second.url()});
    for (int const status : {503, 500, 422}) {
        host.status = status;
        EXPECT_EQ(tell(caller_joined("EV_1")).status, status);
    }
    EXPECT_TRUE(second.orders().empty());
    host.status = 200;
    EXPECT_EQ(tell(caller_joined("EV_1")).text("status"), "accepted");
    EXPECT_EQ(tell(caller_joined("EV_1")).body, ok_body);
}

TEST_F(LivekitWebhook, AHostThatRefusesTheSecretIsOurFault) {
    fleet({host.url()});
    host.status = 403;
    auto const got = tell(caller_joined("EV_1"));
    EXPECT_EQ(got.status, 502);
    EXPECT_EQ(got.text("detail"), "Fleet rejected the core secret");
}

TEST_F(LivekitWebhook, ARefusedConnectionTakesTheNextHost) {
    auto gone = std::make_unique<cxb::test::stuck_host>();
    fleet_as_it_is({gone->url(), host.url()});
    gone.reset();
    EXPECT_EQ(tell(caller_joined("EV_1")).text("status"), "accepted");
    EXPECT_EQ(host.orders().size(), 1U);
}

TEST_F(LivekitWebhook, WithoutAReachableHostItIs502) {
    auto gone = std::make_unique<cxb::test::stuck_host>();
    fleet_as_it_is({gone->url()});
    gone.reset();
    auto const got = tell(caller_joined("EV_1"));
    EXPECT_EQ(got.status, 502);
    EXPECT_EQ(got.text("detail"), "Fleet unreachable");
}

TEST_F(LivekitWebhook, AHostThatDoesNotAnswerIsNotFollowedByAnother) {
    settings.fleet.dispatch_timeout = 1s;
    restart();
    cxb::test::stuck_host stuck;
    fleet({stuck.url(), host.url()});
    auto const got = tell(caller_joined("EV_1"));
    EXPECT_EQ(got.status, 502) << got.body;
    EXPECT_EQ(got.text("detail"), "Fleet unreachable");
    EXPECT_EQ(stuck.dials(), 1);
    EXPECT_TRUE(host.orders().empty());
    fleet({host.url()});
    EXPECT_EQ(tell(caller_joined("EV_1")).text("status"), "accepted") << "LiveKit's next try";
}

TEST_F(LivekitWebhook, WithoutFleetOrKeyItIs503) {
    auto const no_fleet = tell(caller_joined("EV_1"));
    EXPECT_EQ(no_fleet.status, 503);
    EXPECT_EQ(no_fleet.text("detail"), "No fleet");
    host.free = 0;
    fleet({host.url()});
    auto const none_free = tell(caller_joined("EV_1"));
    EXPECT_EQ(none_free.status, 503);
    EXPECT_EQ(none_free.text("detail"), "No healthy fleet");
    settings.livekit.api_secret = secret();
    restart();
    auto const no_key = tell(caller_joined("EV_1"));
    EXPECT_EQ(no_key.status, 503);
    EXPECT_EQ(no_key.text("detail"), "LiveKit not configured");
}

TEST_F(LivekitWebhook, BodiesOfOtherTypesAndLongOnesAreRefused) {
    auto const body = wire::to_text(caller_joined("EV_1"));
    EXPECT_EQ(send_text("POST", webhook_path, body,
                        {{"Content-Type", "text/plain"}, {"Authorization", signed_by_us(body)}})
                  .status,
              415);
    std::string const over(livekit::webhook_body + 1, ' ');
    EXPECT_EQ(send_text("POST", webhook_path, over, headers_of(signed_by_us(over))).status, 413);
    std::string const broken = R"({"event":)";
    EXPECT_EQ(send_text("POST", webhook_path, broken, headers_of(signed_by_us(broken))).status,
              400);
    std::string const empty = R"({"id":"EV_1"})";
    auto const invalid = send_text("POST", webhook_path, empty, headers_of(signed_by_us(empty)));
    EXPECT_EQ(invalid.status, 422);
    EXPECT_EQ(invalid.json.at("errors").at(0).at("pointer").as_string(), "/event");
}

TEST_F(LivekitWebhook, NumbersComeFromWhereverTheyStand) {
    fleet({host.url()});
    auto const order_for = [&](json_object const& event) {
        EXPECT_EQ(tell(event).text("status"), "accepted");
        return order_of(host.orders().back());
    };
    auto order = order_for(
        joined("EV_1", {{"sip.trunkPhoneNumber", "+911140000002"}, {"sip.callID", "not an id"}}));
    EXPECT_EQ(wire::text_at(order, "caller_number"), "+919876543210");  // of the identity
    EXPECT_EQ(wire::text_at(order, "dialed_number"), "+911140000002");
    EXPECT_FALSE(order.contains("call_id"));
    order = order_for(joined("EV_2", {{"sip.calledNumber", "1"}}, {{"identity", "sip-1001"}}));
    EXPECT_EQ(wire::text_at(order, "caller_number"), "1001");
    order = order_for(joined("EV_3", {{"sip.calledNumber", "1"}}, {{"identity", "anonymous"}}));
    EXPECT_EQ(wire::text_at(order, "caller_number"), "");
    // Nobody can name the number: the worker finds no bot and lets the caller go.
    order = order_for(joined("EV_4", {{"sip.trunkID", "ST_unknown"}}));
    EXPECT_EQ(wire::text_at(order, "dialed_number"), "unknown");
}

TEST_F(LivekitWebhook, TheTrunkNamesTheNumberThatTheCallDoesNot) {
    fleet({host.url()});
    store_beside beside(settings);
    json_object const carrier{
        {"_id", "65f10000000000000000000c"},
        {"name", "Carrier"},
        {"lk_inbound_trunk_id", "ST_9"},
        {"dids",
         {json_object{{"id", "d1"}, {"number", "+911140000008"}, {"direction", "outbound"}},
          json_object{{"id", "d2"}, {"number", "+911140000009"}, {"direction", "both"}}}}};
    ASSERT_TRUE(beside.run(beside->insert(model::carriers, carrier)));
    EXPECT_EQ(tell(joined("EV_1", {{"sip.trunkID", "ST_9"}})).text("status"), "accepted");
    EXPECT_EQ(wire::text_at(order_of(host.orders().back()), "dialed_number"), "+911140000009");
    EXPECT_EQ(tell(joined("EV_2", {{"sip.trunkID", "ST_8"}})).text("status"), "accepted");
    EXPECT_EQ(wire::text_at(order_of(host.orders().back()), "dialed_number"), "unknown");
}

// Another process is at it, or was when it died.
TEST_F(LivekitWebhook, AClaimOfAnotherProcessHoldsUntilItsTime) {
    fleet({host.url()});
    store_beside beside(settings);
    ASSERT_TRUE(beside.run(beside->insert(
        model::livekit_events,
        {{"_id", "EV_1"}, {"expires_at", format_timestamp(clock.now() + 45s)}, {"done", false}})));
    auto const busy = tell(caller_joined("EV_1"));
    EXPECT_EQ(busy.status, 503);
    EXPECT_TRUE(busy.headers.has("Retry-After"));
    clock.advance(45s);
    EXPECT_EQ(tell(caller_joined("EV_1")).text("status"), "accepted");
    EXPECT_EQ(host.orders().size(), 1U);
    EXPECT_EQ(tell(caller_joined("EV_1")).body, ok_body);
}

// After their day claims are of no more use, and go; one that still holds stays.
TEST_F(LivekitWebhook, ClaimsThatAreOverAreRemoved) {
    settings.clean_up_period = 20ms;
    settings.loop_lease = 1s;
    restart();
    fleet({host.url()});
    store_beside beside(settings);
    auto const is_kept = [&](char const* id) {
        return beside.find(model::livekit_events, store::by_id(id)).has_value();
    };
    EXPECT_EQ(tell(caller_joined("EV_1")).text("status"), "accepted");
    clock.advance(12h);
    EXPECT_EQ(tell(caller_joined("EV_2")).text("status"), "accepted");
    EXPECT_TRUE(is_kept("EV_1"));
    clock.advance(12h + 1s);
    EXPECT_TRUE(eventually([&] { return !is_kept("EV_1"); }));
    EXPECT_TRUE(is_kept("EV_2"));
}

// With the real worker kit on the other side.
TEST_F(LivekitWebhook, ACoreTakesTheCallAndIsFullThen) {
    testing::fake_core core({.max_calls = 1});
    ASSERT_TRUE(core.start());
    fleet_as_it_is({core.url()});
    core.hold_calls();
    auto const first = tell(caller_joined("EV_1"));
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(first.text("call_id"), "SCL_1");
    EXPECT_TRUE(core.wait_until([&] { return core.held_calls() == 1; }, 10s));
    clock.advance(31s);  // the reservation is over, and the probe does not know the call
    // The first call again, under another event: it runs there already, and is not tried again.
    auto const running = tell(caller_joined("EV_3"));
    EXPECT_EQ(running.status, 409) << running.body;
    EXPECT_EQ(tell(caller_joined("EV_3")).body, ok_body);
    auto const other = joined("EV_2", {{"sip.calledNumber", "+911140000001"}});
    auto const second = tell(other);
    EXPECT_EQ(second.status, 429) << second.body;
    EXPECT_EQ(second.text("detail"), "At capacity");
    EXPECT_EQ(tell(other).body, ok_body);
    EXPECT_EQ(core.requests("/livekit/dispatch").size(), 3U);
    core.release_calls();
}

}  // namespace
}  // namespace cxb::api::test
