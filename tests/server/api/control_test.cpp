// Bots, settings, dialout answers: rules at the edges.
#include "cxb/base/encoding.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

struct Control : api_test {
    void sql(std::string const& statement) {
        auto const got = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.errors, "");
    }
};

TEST_F(Control, ThePagesOfBotsHoldWhileOthersCome) {
    start();
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i)
        made.push_back(make_bot());
    auto const first = admin("GET", "/api/v1/bots?limit=2");
    ASSERT_EQ(first.json.at("items").as_array().size(), 2U);
    EXPECT_EQ(first.json.at("items").at(0).at("locked").as_bool(), false);
    make_bot();
    admin("DELETE", "/api/v1/bots/" + made[4]);
    std::vector<std::string> seen;
    for (auto const& one : first.json.at("items").as_array())
        seen.emplace_back(one.at("id").as_string());
    std::string cursor = first.text("next");
    while (!cursor.empty()) {
        auto const page = admin("GET", "/api/v1/bots?limit=2&cursor=" + percent_encode(cursor));
        ASSERT_EQ(page.status, 200) << page.body;
        for (auto const& one : page.json.at("items").as_array())
            seen.emplace_back(one.at("id").as_string());
        cursor = page.text("next");
    }
    EXPECT_EQ(seen, (std::vector<std::string>{made[4], made[3], made[2], made[1], made[0]}));
    EXPECT_EQ(admin("GET", "/api/v1/bots?cursor=%21").status, 422);
}

TEST_F(Control, EndingTheFormerSecretTwiceIs404) {
    start();
    std::string const at =
        "/api/v1/bots/" +
        make_bot({{"post_call_push", {{"url", "https://crm.example.com/x"}, {"sign", true}}}}) +
        "/push-secret/rotate";
    EXPECT_EQ(admin("DELETE", at).status, 404);
    EXPECT_EQ(admin("POST", at).status, 200);
    EXPECT_EQ(admin("DELETE", at).text("status"), "deleted");
    EXPECT_EQ(admin("DELETE", at).status, 404);
}

// Another service wrote the list under its second name; emptying it must empty both.
TEST_F(Control, AnEmptiedFleetListStaysEmpty) {  // 20-17
    start();
    stop();
    sql("update system_settings set "
        "doc=json_set(doc,'$.core_fleet',json('[\"http://10.0.0.1\"]'))");
    start();
    EXPECT_EQ(admin("GET", "/api/v1/settings").json.at("core_fleet").as_array().size(), 1U);
    EXPECT_EQ(
        admin("PUT", "/api/v1/settings/fleet", json_object{{"cxbcore_fleet", wire::json_array{}}})
            .status,
        200);
    EXPECT_EQ(admin("GET", "/api/v1/settings").json.at("core_fleet").as_array().size(), 0U);
}

TEST_F(Control, LongTextsAreCutInAuditRowsAtAnyDepth) {
    start();
    std::string const id = make_bot();
    admin("PUT", "/api/v1/bots/" + id,
          json_object{{"re_engagement", {{"end_message", std::string(900, 'x')}}}});
    auto const got = cxb::test::run_sqlite(
        settings.data_dir + "/cxb.db",
        "select length(json_extract(doc,'$.changes[0].new.end_message')) from audit_log where "
        "json_extract(doc,'$.action')='bot.update'");
    EXPECT_EQ(got.output, "500\n") << got.errors;
}

// Each waits for its own time only, not for the tries of those before it.
TEST_F(Control, AHangingCrmCostsManyCallersOneTimeout) {  // 20-31, 20-33
    start();
    cxb::test::stuck_host crm;
    std::string const id = make_bot({{"pre_call_fetch",
                                      {{"url", crm.url() + "/customer"},
                                       {"timeout_ms", 400},
                                       {"cache_ttl_seconds", 60},
                                       {"defaults", {{"FIRSTNAME", "friend"}}}}}});
    auto const began = std::chrono::steady_clock::now();
    auto const got = at_once(20, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/config/" + id, {}, {}};
        request.message.headers.set("X-CXB-Core-Secret", "dev-secret");
        return request;
    });
    auto const took = std::chrono::steady_clock::now() - began;
    for (auto const& one : got) {
        EXPECT_EQ(one.status, 200) << one.body;
        EXPECT_EQ(one.text("opening_message"), "Namaste friend ji");
    }
    EXPECT_LT(took, std::chrono::milliseconds{4000});  // one after the other: 8 s
    auto const text = send("GET", "/metrics").body;
    EXPECT_NE(text.find(R"(cxb_prefetch_total{outcome="timeout"} 20)"), std::string::npos) << text;
}

struct DialoutAnswers : api_test {
    std::atomic<int> status{200};
    std::atomic<int> dials{0};
    peer host{[this](wire::http_request const& r, int) {
        if (r.path == "/health/fleet")
            return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":16,)"
                                   R"("fleet_available":16,"workers":[]})");
        ++dials;
        if (status != 200) return json_reply(status, R"({"error":"its words"})");
        return json_reply(200, R"({"status":"accepted","call_id":"c1"})");
    }};
    std::string bot;
    std::string key;
    void ready() {
        start();
        bot = make_bot();
        key = make_key({{"rate_limit_per_second", 200}});
        admin("PUT", "/api/v1/settings/fleet",
              json_object{{"core_fleet", {json_value(host.url())}}});
    }
    answer dial(std::string const& idempotency_key = {}) {
        wire::header_list headers{{"X-API-Key", key}};
        if (!idempotency_key.empty()) headers.set("Idempotency-Key", idempotency_key);
        return send("POST", "/api/v1/sip/dialout",
                    json_object{{"bot_id", bot}, {"to_number", "+919876543210"}},
                    std::move(headers));
    }
};

TEST_F(DialoutAnswers, OtherAnswersAreRelayedWithTheirStatus) {
    ready();
    for (int const one : {400, 404, 409, 422, 503}) {
        status = one;
        auto const got = dial();
        EXPECT_EQ(got.status, one);
        EXPECT_EQ(got.text("detail"), "its words") << one;
    }
    status = 403;
    EXPECT_EQ(dial().status, 502);
    auto const text = send("GET", "/metrics").body;
    EXPECT_NE(text.find(R"(cxb_dialout_total{outcome="failed"} 6)"), std::string::npos) << text;
    EXPECT_NE(text.find("cxb_fleet_slots{"), std::string::npos);
}

TEST_F(DialoutAnswers, AHostThatWasTakenOutShowsNoSlots) {
    ready();
    EXPECT_EQ(dial().status, 200);
    auto const series = "cxb_fleet_slots{host=\"" + host.url() + "\"";
    EXPECT_NE(send("GET", "/metrics").body.find(series), std::string::npos);
    peer other{[](wire::http_request const&, int) { return json_reply(503, "{}"); }};
    admin("PUT", "/api/v1/settings/fleet", json_object{{"core_fleet", {json_value(other.url())}}});
    EXPECT_EQ(dial().status, 503);
    EXPECT_EQ(send("GET", "/metrics").body.find(series), std::string::npos);
}

// A broken host may have dialled before it broke.
TEST_F(DialoutAnswers, AFaultOfTheHostIsNotDialledAgain) {  // 21-30
    ready();
    for (int const one : {500, 502, 504}) {
        status = one;
        int const before = dials;
        std::string const same = "k-" + std::to_string(one);
        auto const got = dial(same);
        EXPECT_EQ(got.status, one) << got.body;
        EXPECT_EQ(got.text("code"), "outcome_unknown");
        status = 200;
        auto const again = dial(same);
        EXPECT_EQ(again.status, 409);
        EXPECT_EQ(again.text("code"), "outcome_unknown");
        EXPECT_EQ(dials, before + 1);
    }
}

TEST_F(DialoutAnswers, TheConfigUrlComesFromTheInternalName) {
    settings.http.internal_url = "http://api.internal:8080/";
    ready();
    EXPECT_EQ(dial().status, 200);
    std::string const order = host.requests().back().body;
    EXPECT_NE(order.find(R"("config_url":"http://api.internal:8080/api/v1/config")"),
              std::string::npos)
        << order;
    EXPECT_EQ(config(bot).text("webhook_url"), "http://api.internal:8080/api/v1/call-results");
}

}  // namespace
}  // namespace cxb::api::test
