// A call is never dialled twice on doubt: refused connections, hosts that never answer, one key
// used twice at once.
#include <future>
#include <thread>

#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

wire::http_response health(int available) {
    return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":99,"fleet_available":)" +
                               std::to_string(available) + R"(,"workers":[]})");
}

wire::http_response accepting(wire::http_request const& request, int available) {
    if (request.path == "/health/fleet") return health(available);
    return json_reply(200, R"({"status":"accepted","call_id":"c1","room_name":"dialout-1"})");
}

int dials_of(peer const& host) {
    int out = 0;
    for (auto const& one : host.requests())
        out += one.path == "/livekit/dialout" ? 1 : 0;
    return out;
}

struct DialoutInDoubt : api_test {
    std::string bot;
    std::string key;
    void SetUp() override {
        settings.fleet.dialout_timeout = std::chrono::seconds{1};
        settings.fleet.snapshot_max_age = std::chrono::hours{1};
        start();
        bot = make_bot();
        key = make_key();
    }
    void fleet(std::vector<std::string> const& urls) {
        EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet",
                        json_object{{"core_fleet", wire::json_array(urls.begin(), urls.end())}})
                      .status,
                  200);
    }
    answer dial(std::string const& idempotency_key) {
        return send("POST", "/api/v1/sip/dialout",
                    json_object{{"bot_id", bot}, {"to_number", "98765 43210"}},
                    {{"X-API-Key", key}, {"Idempotency-Key", idempotency_key}});
    }
    json_object row_of(std::string const& session) {
        auto const row =
            send("GET", "/api/v1/sip/dialouts/" + session, nullptr, {{"X-API-Key", key}});
        EXPECT_EQ(row.status, 200) << row.body;
        return row.json.is_object() ? row.json.as_object() : json_object{};
    }
};

TEST_F(DialoutInDoubt, ARefusedConnectionTakesTheNextHost) {  // 21-29
    peer second([](wire::http_request const& r, int) { return accepting(r, 1); });
    auto first = std::make_unique<cxb::test::stuck_host>();
    fleet({first->url(), second.url()});
    // The round of probes is kept; then the better host goes away.
    EXPECT_EQ(admin("GET", "/api/v1/fleet/status").json.at("total_capacity").to_number<int>(), 198);
    std::string const gone = first->url();
    first.reset();
    auto const got = dial("k-1");
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(dials_of(second), 1);
    auto const row = row_of(got.text("session_id"));
    EXPECT_EQ(wire::text_at(row, "host"), second.url());
    auto const& tries = row.at("tries").as_array();
    ASSERT_EQ(tries.size(), 2U);
    EXPECT_EQ(tries[0].at("host").as_string(), gone);
    EXPECT_EQ(tries[0].at("status").to_number<int>(), 0);
    EXPECT_EQ(tries[1].at("status").to_number<int>(), 200);
}

TEST_F(DialoutInDoubt, ATimeOutAfterSendingIsNeverTriedElsewhere) {  // 21-29, 21-30
    peer second([](wire::http_request const& r, int) { return accepting(r, 1); });
    cxb::test::stuck_host first;
    fleet({first.url(), second.url()});
    auto const got = dial("k-2");
    EXPECT_EQ(got.status, 504) << got.body;
    EXPECT_EQ(got.text("code"), "outcome_unknown");
    EXPECT_EQ(first.dials(), 1);
    auto const again = dial("k-2");
    EXPECT_EQ(again.status, 409) << again.body;
    EXPECT_EQ(again.text("code"), "outcome_unknown");
    EXPECT_EQ(first.dials(), 1);
    EXPECT_EQ(dials_of(second), 0);
    auto const rows = cxb::test::run_sqlite(settings.data_dir + "/cxb.db",
                                            "select json_extract(doc,'$.outcome') from dialouts");
    EXPECT_EQ(rows.output, "unknown\n") << rows.errors;
}

TEST_F(DialoutInDoubt, OneKeyTwiceAtOnceDialsOnce) {  // 21-30
    settings.fleet.dialout_timeout = std::chrono::seconds{60};
    restart();
    std::promise<void> release;
    auto const released = release.get_future().share();
    peer host([&](wire::http_request const& r, int) {
        if (r.path == "/livekit/dialout") released.wait();
        return accepting(r, 5);
    });
    fleet({host.url()});
    answer first;
    std::jthread client([&] { first = dial("k-3"); });
    EXPECT_TRUE(eventually([&] { return dials_of(host) == 1; }));
    auto const second = dial("k-3");
    EXPECT_EQ(second.status, 409) << second.body;
    EXPECT_EQ(second.text("code"), "idempotency_in_flight");
    EXPECT_TRUE(second.headers.has("Retry-After"));
    release.set_value();
    client.join();
    ASSERT_EQ(first.status, 200) << first.body;
    auto const third = dial("k-3");
    EXPECT_EQ(third.body, first.body);
    EXPECT_EQ(third.headers.get("Idempotent-Replayed"), "true");
    EXPECT_EQ(dials_of(host), 1);
}

TEST_F(DialoutInDoubt, OneKeyManyTimesAtOnceDialsOnce) {  // 21-30
    peer host([](wire::http_request const& r, int) { return accepting(r, 50); });
    fleet({host.url()});
    std::string const body = wire::to_text(json_object{{"bot_id", bot}, {"to_number", "1001"}});
    auto const got = at_once(16, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/sip/dialout", {}};
        request.message.method = "POST";
        request.message.headers = {
            {"X-API-Key", key}, {"Content-Type", "application/json"}, {"Idempotency-Key", "k-4"}};
        request.message.body = body;
        return request;
    });
    std::set<std::string> sessions;
    for (auto const& one : got) {
        EXPECT_TRUE(one.status == 200 || one.text("code") == "idempotency_in_flight") << one.body;
        if (one.status == 200) sessions.insert(one.text("session_id"));
    }
    EXPECT_EQ(sessions.size(), 1U);
    EXPECT_EQ(dials_of(host), 1);
}

struct DialoutChoice : DialoutInDoubt {
    void SetUp() override {
        settings.fleet.snapshot_max_age = std::chrono::milliseconds{0};
        start();
        bot = make_bot();
        key = make_key({{"rate_limit_per_second", 200}});
    }
};

TEST_F(DialoutChoice, TheFreestHostIsTaken) {  // 21-26
    peer three([](wire::http_request const& r, int) { return accepting(r, 3); });
    peer five([](wire::http_request const& r, int) { return accepting(r, 5); });
    peer none([](wire::http_request const& r, int) { return accepting(r, 0); });
    peer broken([](wire::http_request const&, int) { return json_reply(500, "{}"); });
    fleet({broken.url(), three.url(), five.url(), none.url()});
    EXPECT_EQ(dial("k").status, 200);
    EXPECT_EQ(dials_of(five), 1);
    EXPECT_EQ(dials_of(three) + dials_of(none) + dials_of(broken), 0);
}

TEST_F(DialoutChoice, EqualHostsAreEachTaken) {  // 21-26
    peer one([](wire::http_request const& r, int) { return accepting(r, 90); });
    peer other([](wire::http_request const& r, int) { return accepting(r, 90); });
    fleet({one.url(), other.url()});
    for (int i = 0; i < 24; ++i)
        EXPECT_EQ(dial("k-" + std::to_string(i)).status, 200);
    EXPECT_GT(dials_of(one), 0);
    EXPECT_GT(dials_of(other), 0);
}

TEST_F(DialoutChoice, ANewHostIsUsedWithoutARestart) {  // 20-17
    peer first([](wire::http_request const& r, int) { return accepting(r, 5); });
    peer second([](wire::http_request const& r, int) { return accepting(r, 5); });
    fleet({first.url()});
    EXPECT_EQ(dial("k-1").status, 200);
    fleet({second.url()});
    EXPECT_EQ(dial("k-2").status, 200);
    EXPECT_EQ(dials_of(first), 1);
    EXPECT_EQ(dials_of(second), 1);
}

TEST_F(DialoutChoice, OutsideHoursNobodyIsAsked) {  // 21-32
    peer host([](wire::http_request const& r, int) { return accepting(r, 5); });
    fleet({host.url()});
    auto const day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    std::string const words[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    auto const later = words[(std::chrono::weekday{day}.c_encoding() + 2) % 7];
    auto const closed = admin("PUT", "/api/v1/bots/" + bot,
                              json_object{{"timezone", "UTC"},
                                          {"active_hours",
                                           {{"enabled", true},
                                            {"days", {later}},
                                            {"start_time", "00:00"},
                                            {"end_time", "24:00"}}}});
    ASSERT_EQ(closed.status, 200) << closed.body;
    auto const refused = dial("k");
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.text("detail").starts_with("outside_active_hours: ")) << refused.body;
    EXPECT_FALSE(refused.text("next_open_at").empty());
    EXPECT_EQ(host.count(), 0U);
}

}  // namespace
}  // namespace cxb::api::test
