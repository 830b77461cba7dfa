// The web widget and the browser test (spec 21 §8).
#include "cxb/testing/fake_core.hpp"
#include "peers/node_peer.hpp"
#include "server/api/store_beside.hpp"
#include "server/api/ways_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

constexpr char const* token_path = "/api/v1/widget/token";

// What a LiveKit token says of itself.
json_object claims_of(std::string const& token) {
    auto const first = token.find('.');
    auto const last = token.rfind('.');
    if (first == std::string::npos || last <= first) return {};
    auto const text = from_base64url(token.substr(first + 1, last - first - 1));
    return wire::parse_json(text.value()).value().as_object();
}

struct Widget : WaysFixture {
    worker_host host;
    std::string bot;
    std::string key;

    void SetUp() override {
        WaysFixture::SetUp();
        bot = make_bot();
        key = new_key();
    }
    std::string new_key() {
        return admin("POST", "/api/v1/bots/" + bot + "/widget-key").text("widget_api_key");
    }
    answer ask(std::string const& with_key, wire::header_list headers = {}) {
        return send("POST", token_path, json_object{{"bot_id", bot}, {"api_key", with_key}},
                    std::move(headers));
    }
    answer ask() { return ask(key); }
    answer browser_test() { return admin("POST", "/api/v1/bots/" + bot + "/browser-test"); }
    void change_bot(json_object const& with) {
        EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot, with).status, 200);
    }
    // Closed until the day after tomorrow.
    void close_bot() {
        auto const day = std::chrono::floor<std::chrono::days>(clock.now());
        char const* const words[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
        change_bot({{"timezone", "UTC"},
                    {"active_hours",
                     {{"enabled", true},
                      {"days", {words[(std::chrono::weekday{day}.c_encoding() + 2) % 7]}},
                      {"start_time", "00:00"},
                      {"end_time", "24:00"}}}});
    }
    void use_livekit(server::livekit_settings const& other) {
        settings.livekit = other;
        restart();
    }
};

void expect_refused(answer const& got, int status, std::string_view detail) {
    EXPECT_EQ(got.status, status) << got.body;
    EXPECT_TRUE(got.text("detail").starts_with(detail)) << got.body;
    EXPECT_EQ(got.headers.get("Access-Control-Allow-Origin"), "*") << got.body;
    EXPECT_EQ(got.body.find("participant_token"), std::string::npos);
}

TEST_F(Widget, AVisitorGetsIntoOneRoom) {  // 21-39
    fleet({host.url()});
    auto const got = ask(key, {{"Origin", "https://shop.example.com"}});
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(got.headers.get("Cache-Control"), "no-store");
    EXPECT_EQ(got.text("server_url"), livekit_url);
    ASSERT_EQ(host.orders().size(), 1U);
    EXPECT_EQ(host.orders()[0].path, "/livekit/widget");
    auto const order = order_of(host.orders()[0]);
    EXPECT_EQ(wire::text_at(order, "bot_id"), bot);
    EXPECT_EQ(wire::text_at(order, "caller_id"), "widget-user");
    std::string const room(wire::text_at(order, "room_name"));
    EXPECT_EQ(room.size(), ("widget-" + bot + "-").size() + 12);
    EXPECT_TRUE(room.starts_with("widget-" + bot + "-")) << room;
    auto const claims = claims_of(got.text("participant_token"));
    EXPECT_EQ(
        wire::to_canonical(claims.at("video")),
        R"({"canPublish":true,"canSubscribe":true,"room":")" + room + R"(","roomJoin":true})");
    EXPECT_EQ(wire::text_at(claims, "name"), "Website Visitor");
    EXPECT_EQ(
        claims.at("exp").to_number<std::int64_t>() - claims.at("nbf").to_number<std::int64_t>(),
        3600);
    // The next visitor is put elsewhere.
    auto const next = claims_of(ask().text("participant_token"));
    EXPECT_NE(wire::text_at(next, "video.room"), room);
    EXPECT_NE(wire::text_at(next, "sub"), wire::text_at(claims, "sub"));
}

TEST_F(Widget, TheTokenIsOneToThePublicSdkOfLiveKit) {  // 21-39
    CXB_SKIP_IF_MISSING(cxb::test::missing_package("livekit-server-sdk"));
    fleet({host.url()});
    auto const own = livekit_credentials();
    json_object job{{"kind", "verify"},
                    {"key", own.api_key},
                    {"secret", own.api_secret.reveal()},
                    {"token", ask().text("participant_token")}};
    json_object forged = job;
    forged["secret"] = "of another LiveKit server";
    auto const judged = cxb::test::ask_node("livekit.mjs", {job, forged});
    ASSERT_EQ(judged.size(), 2U);
    ASSERT_TRUE(judged[0].as_object().contains("ok")) << wire::to_text(judged[0]);
    auto const& video = judged[0].at("ok").at("video").as_object();
    EXPECT_EQ(wire::text_at(video, "room"), wire::text_at(order_of(host.orders()[0]), "room_name"));
    EXPECT_FALSE(video.contains("roomAdmin") || video.contains("roomCreate") ||
                 video.contains("roomList"));
    EXPECT_TRUE(judged[1].as_object().contains("error")) << wire::to_text(judged[1]);
}

TEST_F(Widget, WhoHasNoRightIsRefusedWithCors) {  // 21-39
    fleet({host.url()});
    expect_refused(send("POST", token_path,
                        json_object{{"bot_id", "65f000000000000000000001"}, {"api_key", key}}),
                   404, "Bot not found");
    expect_refused(ask("wk_another"), 401, "Invalid widget key");
    expect_refused(ask(key + "x"), 401, "Invalid widget key");
    auto const faulty = send("POST", token_path, json_object{{"bot_id", 5}});
    expect_refused(faulty, 422, "");
    EXPECT_EQ(faulty.json.at("errors").as_array().size(), 2U) << faulty.body;
    expect_refused(send_text("POST", token_path, "{", {{"Content-Type", "application/json"}}), 400,
                   "");
    expect_refused(send_text("POST", token_path, "{}", {{"Content-Type", "text/plain"}}), 415, "");
    expect_refused(send_text("POST", token_path, std::string(limits::default_body + 1, ' '),
                             {{"Content-Type", "application/json"}}),
                   413, "");
    expect_refused(send("GET", token_path), 405, "");
    auto const former = key;
    key = new_key();
    expect_refused(ask(former), 401, "Invalid widget key");
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + bot + "/widget-key").status, 200);
    expect_refused(ask(), 401, "Invalid widget key");
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + bot).status, 200);
    expect_refused(ask(), 404, "Bot not found");
    EXPECT_TRUE(host.orders().empty());
}

TEST_F(Widget, BrowsersAskBeforehand) {
    auto const got = send("OPTIONS", token_path, nullptr,
                          {{"Origin", "https://shop.example.com"},
                           {"Access-Control-Request-Method", "POST"},
                           {"Access-Control-Request-Headers", "content-type"}});
    EXPECT_EQ(got.status, 204);
    EXPECT_EQ(got.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(got.headers.get("Access-Control-Allow-Methods"), "POST, OPTIONS");
    EXPECT_NE(got.headers.get("Access-Control-Allow-Headers").find("Content-Type"),
              std::string_view::npos);
    EXPECT_EQ(send("OPTIONS", token_path).headers.get("Access-Control-Allow-Origin"), "*");
}

TEST_F(Widget, OnlyListedOriginsWhereSomeAreListed) {  // 21-39
    fleet({host.url()});
    change_bot(
        {{"widget_allowed_origins", {"https://shop.example.com", "https://Blog.example.com/"}}});
    expect_refused(ask(key, {{"Origin", "https://evil.example.com"}}), 403, "Origin not allowed");
    expect_refused(ask(key, {{"Origin", "https://shop.example.com.evil.com"}}), 403,
                   "Origin not allowed");
    expect_refused(ask(), 403, "Origin not allowed");
    expect_refused(ask("wk_another", {{"Origin", "https://evil.example.com"}}), 401,
                   "Invalid widget key");
    EXPECT_TRUE(host.orders().empty());
    EXPECT_EQ(ask(key, {{"Origin", "https://shop.example.com"}}).status, 201);
    EXPECT_EQ(ask(key, {{"Origin", "https://blog.example.com"}}).status, 201);
    // The port of the scheme may be told or not; any other one is another origin.
    change_bot({{"widget_allowed_origins", {"https://shop.example.com:443"}}});
    EXPECT_EQ(ask(key, {{"Origin", "https://shop.example.com"}}).status, 201);
    for (char const* other :
         {"http://shop.example.com", "https://shop.example.com:8443", "null", "file://", ""})
        expect_refused(ask(key, {{"Origin", other}}), 403, "Origin not allowed");
}

// As an older version let them be saved: they name nobody, also not who tells no origin.
TEST_F(Widget, StoredTextsThatAreNoOriginsLetNobodyIn) {
    fleet({host.url()});
    stop();
    {
        store_beside beside(settings);
        EXPECT_TRUE(beside
                        .run(beside->update_one(
                            model::bots, store::by_id(bot),
                            store::update{}.set("widget_allowed_origins",
                                                wire::json_array{"", "/", "null", "*"})))
                        .value());
    }
    start();
    expect_refused(ask(), 403, "Origin not allowed");
    for (char const* origin : {"null", "*", "/", "https://shop.example.com"})
        expect_refused(ask(key, {{"Origin", origin}}), 403, "Origin not allowed");
}

TEST_F(Widget, AClosedBotTalksToNobody) {  // 21-39
    fleet({host.url()});
    close_bot();
    auto const closed = ask();
    expect_refused(closed, 503, "outside_active_hours: ");
    EXPECT_FALSE(closed.text("next_open_at").empty());
    EXPECT_EQ(browser_test().status, 503);
    change_bot({{"active_hours", nullptr}, {"is_active", false}});
    expect_refused(ask(), 503, "bot_inactive: ");
    EXPECT_TRUE(host.orders().empty());
}

TEST_F(Widget, WithoutLiveKitThereIsNoToken) {  // 21-39
    fleet({host.url()});
    use_livekit({});
    expect_refused(ask(), 503, "LiveKit not configured");
    use_livekit({livekit_url, "devkey", secret()});
    expect_refused(ask(), 500, "The token could not be made");
    EXPECT_TRUE(host.orders().empty());
}

TEST_F(Widget, WithoutAWorkerThereIsNoToken) {  // 21-39
    expect_refused(ask(), 503, "No fleet servers configured");
    host.free = 0;
    fleet({host.url()});
    expect_refused(ask(), 503, "No healthy fleet server available");
    host.free = 5;
    for (int const status : {429, 503, 500, 403, 404, 422}) {
        host.status = status;
        expect_refused(ask(), 503, "The call could not be handed over");
    }
    EXPECT_EQ(host.orders().size(), 6U);
    host.status = 200;
    EXPECT_EQ(ask().status, 201);
}

TEST_F(Widget, AFullOrLeavingHostIsFollowedByTheNext) {
    worker_host second;
    second.free = 1;
    fleet({host.url(), second.url()});
    host.status = 429;
    EXPECT_EQ(ask().status, 201);
    clock.advance(31s);  // no slot is kept for the former call
    host.status = 503;
    EXPECT_EQ(ask().status, 201);
    EXPECT_EQ(host.orders().size(), 2U);
    EXPECT_EQ(second.orders().size(), 2U);
    clock.advance(31s);
    host.status = 500;
    expect_refused(ask(), 503, "The call could not be handed over");
    EXPECT_EQ(second.orders().size(), 2U);
}

TEST_F(Widget, AtMostThreeHostsAreAsked) {
    worker_host others[3];
    host.status = 429;
    std::vector<std::string> urls{host.url()};
    for (auto& each : others) {
        each.status = 429;
        urls.push_back(each.url());
    }
    fleet(urls);
    expect_refused(ask(), 503, "The call could not be handed over");
    std::size_t asked = host.orders().size();
    for (auto const& each : others)
        asked += each.orders().size();
    EXPECT_EQ(asked, 3U);
}

TEST_F(Widget, ARefusedConnectionTakesTheNextHost) {
    auto gone = std::make_unique<cxb::test::stuck_host>();
    fleet_as_it_is({gone->url(), host.url()});
    gone.reset();
    EXPECT_EQ(ask().status, 201);
    EXPECT_EQ(host.orders().size(), 1U);
}

// The worker may sit in the room: another one beside it would be heard too.
TEST_F(Widget, AHostThatDoesNotAnswerIsNotFollowedByAnother) {
    settings.fleet.widget_timeout = 1s;
    restart();
    cxb::test::stuck_host stuck;
    fleet({stuck.url(), host.url()});
    expect_refused(ask(), 503, "The call could not be handed over");
    EXPECT_EQ(stuck.dials(), 1);
    EXPECT_TRUE(host.orders().empty());
}

TEST_F(Widget, AnAddressMayAskSoOftenOnly) {  // 21-39
    auto got = ask("wk_another");
    int answered = 0;  // the clock stands still, so nothing is refilled
    for (; got.status == 401 && answered < 100; ++answered)
        got = ask("wk_another");
    EXPECT_LE(answered, 40);
    EXPECT_GE(answered, 30);
    expect_refused(got, 429, "Rate limit exceeded");
    EXPECT_TRUE(got.headers.has("Retry-After"));
}

TEST_F(Widget, ABrowserTestIsFoundByItsId) {
    fleet({host.url()});
    auto const got = browser_test();
    ASSERT_EQ(got.status, 201) << got.body;
    auto const test_id = got.text("test_id");
    EXPECT_EQ(test_id.size(), std::string("browser-test-").size() + 12);
    auto const order = order_of(host.orders().at(0));
    EXPECT_EQ(wire::text_at(order, "caller_id"), test_id);
    EXPECT_EQ(wire::text_at(claims_of(got.text("participant_token")), "video.room"),
              wire::text_at(order, "room_name"));
    // What the worker asks for then.
    EXPECT_EQ(config(bot, "caller_id=" + test_id + "&transport=widget").status, 200);
    auto const calls = admin("GET", "/api/v1/calls?caller_id=" + test_id);
    ASSERT_EQ(calls.json.at("items").as_array().size(), 1U) << calls.body;
    EXPECT_TRUE(calls.json.at("items").at(0).at("is_test").as_bool());
}

TEST_F(Widget, ABrowserTestNeedsAnAdminAndABot) {
    fleet({host.url()});
    EXPECT_EQ(send("POST", "/api/v1/bots/" + bot + "/browser-test").status, 401);
    EXPECT_EQ(
        send("POST", "/api/v1/bots/" + bot + "/browser-test", nullptr, {{"X-API-Key", make_key()}})
            .status,
        401);
    auto const unknown = admin("POST", "/api/v1/bots/65f000000000000000000001/browser-test");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.text("detail"), "Bot not found");
    host.status = 429;
    EXPECT_EQ(browser_test().status, 503);
    EXPECT_EQ(host.orders().size(), 1U);
}

// With the real worker kit on the other side.
TEST_F(Widget, ACoreTakesVisitorsUntilItIsFull) {
    testing::fake_core core({.max_calls = 1});
    ASSERT_TRUE(core.start());
    core.hold_calls();
    fleet_as_it_is({core.url()});
    EXPECT_EQ(ask().status, 201);
    EXPECT_TRUE(core.wait_until([&] { return core.held_calls() == 1; }, 10s));
    clock.advance(31s);  // the reservation is over, and the probe does not know the call
    expect_refused(ask(), 503, "The call could not be handed over");
    EXPECT_EQ(core.requests("/livekit/widget").size(), 2U);
    core.release_calls();
}

}  // namespace
}  // namespace cxb::api::test
