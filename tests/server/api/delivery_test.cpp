// CRM push, recordings, dialout: what goes out of the control plane.
#include "cxb/base/encoding.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

struct Delivery : api_test {
    void SetUp() override { start(); }
    std::string finished_call(std::string const& bot, json_object extra = {}) {
        std::string const session = config(bot).text("session_id");
        json_object body{{"session_id", session},
                         {"disconnected_by", "customer"},
                         {"call_duration_seconds", 42},
                         {"post_call_analysis", {{"DISPOSITION", "PTP"}}}};
        for (auto& [name, value] : extra)
            body[name] = value;
        EXPECT_EQ(post_result(body).status, 200);
        return session;
    }
    std::string push_state(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session).text("push_state");
    }
    bool reaches(std::string const& session, std::string const& state) {
        return eventually([&] { return push_state(session) == state; });
    }
};

TEST_F(Delivery, RetriesSendTheSameBytesFreshlySigned) {  // 21-11, 21-14, 21-19
    peer crm([](wire::http_request const&, int number) {
        return json_reply(number < 3 ? 503 : 200, "{}");
    });
    std::string const bot = make_bot({{"post_call_push",
                                       {{"url", crm.url() + "/calls"},
                                        {"sign", true},
                                        {"key_mapper",
                                         {{"disposition", "{{analysis.DISPOSITION}}"},
                                          {"duration", "{{result.call_duration_seconds}}"},
                                          {"x", "{{analysis.NOPE}}"},
                                          {"d", "{{DISPOSITION}}"}}}}}});
    std::string const fresh =
        admin("POST", "/api/v1/bots/" + bot + "/push-secret/rotate").text("secret");
    std::string const session = finished_call(bot);
    ASSERT_TRUE(reaches(session, "delivered"));
    auto const got = crm.requests();
    ASSERT_EQ(got.size(), 3U);
    EXPECT_EQ(got[0].body, R"({"disposition":"PTP","duration":"42","x":"","d":""})");
    secret const secrets[] = {secret(fresh)};
    for (auto const& one : got) {
        EXPECT_EQ(one.body, got[0].body);
        EXPECT_EQ(one.headers.get("webhook-id"), got[0].headers.get("webhook-id"));
        EXPECT_EQ(one.headers.get("Idempotency-Key"), one.headers.get("webhook-id"));
        EXPECT_TRUE(contract::webhook::verify(one.headers, one.body, secrets, real_clock().now()));
        // The rotated-out secret signs along.
        EXPECT_NE(one.headers.get("webhook-signature").find(' '), std::string_view::npos);
    }
    auto const pushes = admin("GET", "/api/v1/calls/" + session + "/pushes");
    EXPECT_EQ(pushes.json.at(0).at("attempts").to_number<int>(), 3);
    auto const trace = admin("GET", "/api/v1/calls/" + session + "/trace");
    EXPECT_NE(trace.body.find("push_delivered"), std::string::npos);
}

TEST_F(Delivery, APermanentRefusalIsDeadAndCanBeReplayed) {  // 21-15
    std::atomic<int> status{400};
    peer crm([&](wire::http_request const&, int) { return json_reply(status, "{}"); });
    std::string const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    std::string const session = finished_call(bot);
    ASSERT_TRUE(reaches(session, "dead"));
    EXPECT_EQ(crm.count(), 1U);
    status = 200;
    auto const replay = [&](char const* mode) {
        return admin("POST", "/api/v1/calls/" + session + "/push", json_object{{"mode", mode}});
    };
    EXPECT_EQ(replay("same").status, 202);
    ASSERT_TRUE(reaches(session, "delivered"));
    EXPECT_EQ(replay("rebuild").status, 202);
    ASSERT_TRUE(
        eventually([&] { return crm.count() == 3U && push_state(session) == "delivered"; }));
    auto const got = crm.requests();
    EXPECT_EQ(got[0].headers.get("webhook-id"), got[1].headers.get("webhook-id"));
    EXPECT_NE(got[0].headers.get("webhook-id"), got[2].headers.get("webhook-id"));
    EXPECT_EQ(replay("other").status, 422);
}

TEST_F(Delivery, GoneSwitchesThePushOff) {  // 21-16
    peer crm([](wire::http_request const&, int) { return json_reply(410, "{}"); });
    std::string const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    ASSERT_TRUE(reaches(finished_call(bot), "dead"));
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + bot).json.at("post_call_push").at("enabled").as_bool(),
              false);
    EXPECT_EQ(push_state(finished_call(bot)), "skipped");  // spec 21 §1.3
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(Delivery, ThePushOutlivesTheProcess) {  // 21-1
    std::atomic<bool> up{false};
    peer crm([&](wire::http_request const&, int) { return json_reply(up ? 200 : 503, "{}"); });
    std::string const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    std::string const session = finished_call(bot);
    ASSERT_TRUE(eventually([&] { return crm.count() > 0; }));
    restart();
    up = true;
    auto const state = push_state(session);
    if (state == "dead")
        admin("POST", "/api/v1/calls/" + session + "/push", json_object{{"mode", "same"}});
    ASSERT_TRUE(reaches(session, "delivered"));
    for (auto const& one : crm.requests())
        EXPECT_EQ(one.headers.get("webhook-id"), crm.requests()[0].headers.get("webhook-id"));
}

struct Recordings : api_test {
    std::string bot;
    answer upload(std::string const& link, std::string const& bytes,
                  std::string const& type = "audio/wav") {
        return send_text("PUT", link.substr(url().size()), bytes, {{"Content-Type", type}});
    }
};

TEST_F(Recordings, UploadedOnceAndPlayedInRanges) {  // 21-21, 21-24
    start();
    auto const got = config(make_bot());
    std::string const session = got.text("session_id");
    std::string const link = got.text("recording.storage.upload_url");
    std::string bytes(200000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(i % 251);
    auto const done = upload(link, bytes);
    ASSERT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(done.json.at("size").to_number<std::size_t>(), bytes.size());
    post_result({{"session_id", session}, {"recording_key", done.text("recording_key")}});
    std::string const public_url =
        admin("GET", "/api/v1/calls/" + session).text("public_recording_url");
    ASSERT_EQ(public_url.rfind(url(), 0), 0U) << public_url;
    auto const play = [&](wire::header_list headers, std::string const& method = "GET") {
        return send_text(method, public_url.substr(url().size()), "", std::move(headers));
    };
    EXPECT_EQ(play({}).body, bytes);
    EXPECT_EQ(play({}).headers.get("Content-Type"), "audio/wav");
    EXPECT_EQ(play({{"Range", "bytes=0-99"}}).body, bytes.substr(0, 100));
    EXPECT_EQ(play({{"Range", "bytes=0-99"}}).status, 206);
    EXPECT_EQ(play({{"Range", "bytes=-100"}}).body, bytes.substr(bytes.size() - 100));
    EXPECT_EQ(play({{"Range", "bytes=100-"}}).body, bytes.substr(100));
    EXPECT_EQ(play({{"Range", "bytes=0-1,5-6"}}).status, 200);
    auto const beyond = play({{"Range", "bytes=900000-"}});
    EXPECT_EQ(beyond.status, 416);
    EXPECT_EQ(beyond.headers.get("Content-Range"), "bytes */200000");
    auto const head = play({}, "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.body.empty());
    EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session).body, bytes);
    EXPECT_EQ(send("GET", "/api/v1/public/recordings/AAAAAAAAAAAAAAAAAAAAAAAA").status, 404);
    EXPECT_EQ(send("GET", "/api/v1/public/recordings/x").status, 404);
}

TEST_F(Recordings, ABadLinkStoresNothing) {  // 21-24
    start();
    auto const got = config(make_bot());
    std::string link = got.text("recording.storage.upload_url");
    std::string const session = got.text("session_id");
    EXPECT_EQ(upload(link, "abc", "text/plain").status, 415);
    std::string other = link;
    other.replace(other.find(session), session.size(), "another-session");
    EXPECT_EQ(upload(other, "abc").status, 403);
    link.back() = link.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(upload(link, "abc").status, 403);
    EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session).status, 404);
}

std::string fleet_body(int available, int max = 16) {
    return "{\"status\":\"ok\",\"fleet_calls\":" + std::to_string(max - available) +
           ",\"fleet_max\":" + std::to_string(max) +
           ",\"fleet_available\":" + std::to_string(available) + ",\"workers\":[]}";
}

struct Dialout : api_test {
    std::string bot;
    std::string key;
    void SetUp() override {
        start();
        bot = make_bot();
        key = make_key();
    }
    void fleet(wire::json_array urls) {
        EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet", json_object{{"core_fleet", urls}}).status,
                  200);
    }
    json_object order(json_object extra = {}) {
        json_object out{{"bot_id", bot}, {"to_number", "98765 43210"}};
        for (auto& [name, value] : extra)
            out[name] = value;
        return out;
    }
    answer dial(json_object body, wire::header_list headers = {}) {
        headers.set("X-API-Key", key);
        return send("POST", "/api/v1/sip/dialout", body, std::move(headers));
    }
    static wire::http_response host(wire::http_request const& request, int status,
                                    int available = 5) {
        if (request.path == "/health/fleet") return json_reply(200, fleet_body(available));
        if (status != 200) return json_reply(status, R"({"error":"At capacity"})");
        return json_reply(200, R"({"status":"accepted","call_id":"c1","room_name":"dialout-1"})");
    }
};

TEST_F(Dialout, TheHostGetsTheNormalisedOrder) {  // 21-31, 21-33, 10-13, 10-24
    peer fleet_host([](wire::http_request const& r, int) { return host(r, 200); });
    fleet({json_value(fleet_host.url())});
    auto const got = dial(order(
        {{"variables", {{"plan", {{"code", "G1"}}}, {"_campaign_id", "x"}}}, {"colour", "red"}}));
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("room_name"), "dialout-1");
    EXPECT_EQ(got.headers.get("X-CXB-Ignored-Fields"), "colour,_campaign_id");
    std::string sent;
    for (auto const& one : fleet_host.requests())
        if (one.path == "/livekit/dialout") sent = one.body;
    auto const body = wire::parse_json(sent).value().as_object();
    EXPECT_EQ(wire::text_at(body, "to_number"), "+919876543210");
    EXPECT_EQ(wire::text_at(body, "connected_event.plan"), R"({"code":"G1"})");
    EXPECT_EQ(wire::text_at(body, "connected_event._campaign_session_id"), got.text("session_id"));
    EXPECT_EQ(wire::text_at(body, "config_url"), url() + "/api/v1/config");
    auto const row = send("GET", "/api/v1/sip/dialouts/" + got.text("session_id"), nullptr,
                          {{"X-API-Key", key}});
    EXPECT_EQ(row.text("outcome"), "accepted");
    EXPECT_EQ(dial(order({{"to_number", "12"}})).status, 422);
    EXPECT_EQ(dial(order({{"to_number", "1001"}})).status, 200);
    auto const both =
        dial(order({{"variables", json_object{}}, {"connected_event", json_object{}}}));
    EXPECT_EQ(both.status, 422);
    EXPECT_EQ(both.json.at("errors").as_array().size(), 2U);
}

TEST_F(Dialout, EmptyListAndNoneFree) {  // 21-28
    EXPECT_EQ(dial(order()).text("detail"), "No fleet servers configured");
    peer full([](wire::http_request const& r, int) { return host(r, 200, 0); });
    fleet({json_value(full.url())});
    EXPECT_EQ(dial(order()).text("detail"), "No healthy fleet server available");
    EXPECT_EQ(dial(order()).status, 503);
}

TEST_F(Dialout, ARefusedConnectionTakesTheNextHost) {  // 21-29
    peer second([](wire::http_request const& r, int) { return host(r, 200, 1); });
    // Answers its health once and then only 429: the other host takes the call.
    peer first([](wire::http_request const& r, int) { return host(r, 429, 9); });
    fleet({json_value(first.url()), json_value(second.url())});
    EXPECT_EQ(dial(order()).status, 200);
    fleet({json_value(first.url())});
    auto const full = dial(order());
    EXPECT_EQ(full.status, 429);
    EXPECT_EQ(full.text("detail"), "At capacity");
    peer strict([](wire::http_request const& r, int) { return host(r, 403); });
    fleet({json_value(strict.url())});
    EXPECT_EQ(dial(order()).text("detail"), "Fleet rejected the core secret");
    EXPECT_EQ(dial(order()).status, 502);
}

TEST_F(Dialout, FiftyAtOnceNeverOverbookAHost) {  // 21-27
    settings.fleet.snapshot_max_age = std::chrono::milliseconds{1000};
    restart();
    struct slots {
        std::mutex mutex;
        int used = 0;
        int overbooked = 0;
    } a, b;
    auto const reply = [](slots& mine) {
        return [&mine](wire::http_request const& r, int) {
            std::scoped_lock const lock(mine.mutex);
            if (r.path == "/health/fleet") return json_reply(200, fleet_body(16 - mine.used));
            if (mine.used == 16) {
                ++mine.overbooked;
                return json_reply(429, R"({"error":"At capacity"})");
            }
            ++mine.used;
            return json_reply(200, R"({"status":"accepted","call_id":"c"})");
        };
    };
    peer first(reply(a));
    peer second(reply(b));
    fleet({json_value(first.url()), json_value(second.url())});
    key = make_key({{"rate_limit_per_second", 200}});
    std::string const body = wire::to_text(order());
    auto const got = at_once(50, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/sip/dialout", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-API-Key", key}, {"Content-Type", "application/json"}};
        request.message.body = body;
        return request;
    });
    int accepted = 0;
    int refused = 0;
    for (auto const& one : got) {
        accepted += one.status == 200 ? 1 : 0;
        refused += one.text("detail") == "No healthy fleet server available" ? 1 : 0;
    }
    EXPECT_EQ(accepted, 32);
    EXPECT_EQ(refused, 18);
    EXPECT_EQ(a.used + b.used, 32);
    EXPECT_EQ(a.overbooked + b.overbooked, 0);
    // The status reuses a round of probes for a second.
    EXPECT_TRUE(eventually([&] {
        auto const status = admin("GET", "/api/v1/fleet/status");
        // Asking this often may meet the rate limit; that answer only means: ask again.
        return status.status == 200 && status.json.at("total_capacity").to_number<int>() == 32 &&
               status.json.at("active_calls").to_number<int>() == 32;
    }));
}

TEST_F(Dialout, OneKeyDialsOnce) {  // 21-30
    std::atomic<int> dials{0};
    peer fleet_host([&](wire::http_request const& r, int) {
        if (r.path == "/livekit/dialout") ++dials;
        return host(r, 200);
    });
    fleet({json_value(fleet_host.url())});
    wire::header_list const same{{"Idempotency-Key", "k-1"}};
    auto const first = dial(order(), same);
    auto const again = dial(order(), same);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(again.headers.get("Idempotent-Replayed"), "true");
    EXPECT_EQ(dials, 1);
    auto const other = dial(order({{"from_number", "+911140000001"}}), same);
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(other.text("code"), "idempotency_key_reused");
}

TEST_F(Dialout, AClosedBotRingsNobody) {  // 21-32
    peer fleet_host([](wire::http_request const& r, int) { return host(r, 200); });
    fleet({json_value(fleet_host.url())});
    admin("PUT", "/api/v1/bots/" + bot, json_object{{"is_active", false}});
    EXPECT_EQ(dial(order()).text("detail"), "bot_inactive: Renewals");
    EXPECT_EQ(fleet_host.count(), 0U);
}

}  // namespace
}  // namespace cxb::api::test
