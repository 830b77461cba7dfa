#include "cxb/base/encoding.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

struct Calls : api_test {
    std::string bot;
    void SetUp() override {
        start();
        bot = make_bot();
    }
    std::string session_of(answer const& config) {
        EXPECT_EQ(config.status, 200) << config.body;
        return config.text("session_id");
    }
    answer call(std::string const& id) { return admin("GET", "/api/v1/calls/" + id); }
    json_object full_result(std::string const& session) {
        return {{"session_id", session},
                {"disconnected_by", "customer"},
                {"call_duration_seconds", 42},
                {"transcript", {{{"role", "user"}, {"content", "haan boliye"}}}}};
    }
    int refusals() {
        auto const rows = cxb::test::run_sqlite(settings.data_dir + "/cxb.db",
                                                "select count(*) from call_refusals");
        return std::atoi(rows.output.c_str());
    }
};

TEST_F(Calls, ConfigCarriesRenderedTextsAndCreatesTheCall) {
    auto const got = core("POST", "/api/v1/config/" + bot,
                          json_object{{"caller_id", "+919876543210"},
                                      {"transport", "livekit_outbound"},
                                      {"connected_event", {{"FIRSTNAME", "Ravi"}, {"n", 3}}}});
    std::string const session = session_of(got);
    EXPECT_EQ(got.text("system_prompt"), "You are Asha, calling Ravi.");
    EXPECT_EQ(got.text("variables.call.n"), "3");
    EXPECT_EQ(got.headers.get("Cache-Control"), "no-store");
    EXPECT_EQ(got.text("stt.provider"), "simulated");
    auto const stored = call(session);
    EXPECT_EQ(stored.text("status"), "active");
    EXPECT_EQ(stored.text("phone"), "+919876543210");
    EXPECT_EQ(stored.text("call_direction"), "outbound");
}

TEST_F(Calls, OutsideHoursOneRefusalRowAndNoCall) {  // 20-27
    auto const day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    // Tomorrow and the day after only, in UTC: now is always outside.
    std::chrono::weekday const today{day};
    std::string const words[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    std::string const later = words[(today.c_encoding() + 2) % 7];
    std::string const closed = make_bot(
        {{"timezone", "UTC"},
         {"active_hours",
          {{"enabled", true}, {"days", {later}}, {"start_time", "00:00"}, {"end_time", "24:00"}}}});
    auto const refused = config(closed);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.text("detail").rfind("outside_active_hours: Renewals is closed at ", 0), 0U);
    EXPECT_FALSE(refused.text("next_open_at").empty());
    EXPECT_EQ(refusals(), 1);
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
}

TEST_F(Calls, InactiveBotAndUnknownBot) {
    admin("PUT", "/api/v1/bots/" + bot, json_object{{"is_active", false}});
    EXPECT_EQ(config(bot).text("detail"), "bot_inactive: Renewals");
    EXPECT_EQ(config("65f000000000000000000001").text("detail"), "Bot not found");
    EXPECT_EQ(config("nonsense").status, 404);
}

TEST_F(Calls, BadConnectedEventDoesNotCostTheCall) {  // 20-29
    std::string const session = session_of(config(bot, "connected_event=%7Bbad"));
    EXPECT_EQ(call(session).json.at("connected_event").as_object().size(), 0U);
    auto const trace = admin("GET", "/api/v1/calls/" + session + "/trace");
    EXPECT_NE(trace.body.find("connected_event_malformed"), std::string::npos);
}

TEST_F(Calls, VariablesAreLaidOverEachOther) {  // 20-30
    peer crm([](wire::http_request const&, int) { return json_reply(200, R"({"b":3})"); });
    std::string const id =
        make_bot({{"system_prompt", "{{crm.a}} {{crm.b}} {{call.a}}"},
                  {"pre_call_fetch", {{"url", crm.url() + "/customer?id={{call.a}}"}}}});
    auto const got =
        core("POST", "/api/v1/config/" + id,
             json_object{{"connected_event",
                          {{"a", 1}, {"b", 1}, {"_mock_crm", {{"a", 2}}}, {"_cxb_future", true}}}});
    std::string const session = session_of(got);
    EXPECT_EQ(got.text("system_prompt"), "2 3 1");
    EXPECT_EQ(crm.requests().at(0).query_text, "id=1");
    auto const stored = call(session);
    EXPECT_EQ(wire::to_text(stored.json.at("connected_event")), R"({"a":1,"b":1})");
    EXPECT_EQ(stored.text("integration_log.0"), "");
    EXPECT_NE(stored.body.find("id=***"), std::string::npos);  // 21-20
}

TEST_F(Calls, SlowPrefetchDoesNotHoldTheCall) {  // 20-31
    // Nothing answers on this port of a socket that only listens.
    net::event_loops idle(1);
    struct silent final : worker::http_handler {
        boost::asio::awaitable<worker::head_verdict> accept_head(
            wire::http_request const&) override {
            co_return worker::head_verdict{};
        }
        boost::asio::awaitable<wire::http_response> handle(wire::http_request) override {
            co_return wire::http_response{};
        }
        wire::http_response refusal(int) override { return {}; }
    } nobody;
    net::http_server listening(idle, nobody, {});
    ASSERT_TRUE(listening.start());  // the loops are never started
    json_object fetch{{"url", listening.url() + "/x"},
                      {"timeout_ms", 300},
                      {"defaults", {{"FIRSTNAME", "friend"}}}};
    std::string const id = make_bot({{"pre_call_fetch", fetch}});
    auto const got = config(id);
    std::string const session = session_of(got);
    EXPECT_EQ(got.text("opening_message"), "Namaste friend ji");
    EXPECT_NE(call(session).body.find("\"error\":\"timeout\""), std::string::npos);
    fetch["on_failure"] = "reject";
    auto const refused = config(make_bot({{"pre_call_fetch", fetch}}));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.text("detail"), "crm_prefetch_failed: timeout");
    EXPECT_EQ(refusals(), 1);
}

TEST_F(Calls, IdenticalPrefetchesShareOneRequest) {  // 20-33
    peer crm([](wire::http_request const&, int) { return json_reply(200, R"({"b":3})"); });
    std::string const id =
        make_bot({{"pre_call_fetch", {{"url", crm.url() + "/x"}, {"cache_ttl_seconds", 60}}}});
    auto const got = at_once(100, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/config/" + id, {}};
        request.message.headers.set("X-CXB-Core-Secret", "dev-secret");
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.status, 200) << one.body;
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(Calls, OneSessionIsOneCallUntilItsResult) {  // 20-34, 10-12
    json_object const body{
        {"connected_event", {{"_campaign_session_id", "s-1"}, {"_campaign_call_id", "x"}}}};
    EXPECT_EQ(core("POST", "/api/v1/config/" + bot, body).text("session_id"), "s-1");
    EXPECT_EQ(core("POST", "/api/v1/config/" + bot, body).text("session_id"), "s-1");
    EXPECT_EQ(call("s-1").json.at("config_fetches").to_number<int>(), 2);
    EXPECT_EQ(call("s-1").json.as_object().contains("campaign_call_id"), false);  // 20-35
    post_result({{"session_id", "s-1"}, {"disconnected_by", "customer"}});
    auto const over = core("POST", "/api/v1/config/" + bot, body);
    EXPECT_EQ(over.status, 409);
    EXPECT_EQ(over.text("code"), "session_completed");
}

TEST_F(Calls, OneFetchIdIsOneCallAlsoAtOnce) {  // 10-12
    auto const got = at_once(8, [&](std::size_t) {
        client::outgoing_request request{
            url() + "/api/v1/config/" + bot + "?fetch_id=019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10", {}};
        request.message.headers.set("X-CXB-Core-Secret", "dev-secret");
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.text("session_id"), got[0].text("session_id"));
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 1);
}

TEST_F(Calls, PreviewWritesNothing) {
    auto const shown = admin("POST", "/api/v1/bots/" + bot + "/preview-config",
                             json_object{{"connected_event", {{"FIRSTNAME", "Ravi"}}}});
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.text("config.opening_message"), "Namaste Ravi ji");
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
}

TEST_F(Calls, AnAnsweredConfigAndResultSurviveARestart) {  // 20-38, 10-21, 21-1
    std::string const session = session_of(config(bot));
    restart();
    EXPECT_EQ(call(session).text("status"), "active");
    EXPECT_EQ(post_result(full_result(session)).text("result"), "stored");
    restart();
    EXPECT_EQ(call(session).text("status"), "completed");
}

TEST_F(Calls, TwoFaultsOfAResultAreBothNamed) {  // 10-1
    json_object const bad{{"session_id", 5},
                          {"transcript",
                           {{{"role", "user"}, {"content", "a"}},
                            {{"role", "user"}, {"content", "b"}},
                            {{"role", "user"}, {"content", "c"}},
                            {{"role", 7}, {"content", "d"}}}}};
    auto const refused = post_result(bad);
    EXPECT_EQ(refused.status, 422);
    ASSERT_EQ(refused.json.at("errors").as_array().size(), 2U) << refused.body;
    EXPECT_EQ(refused.json.at("errors").at(0).at("pointer").as_string(), "/session_id");
    EXPECT_EQ(refused.json.at("errors").at(1).at("pointer").as_string(), "/transcript/3/role");
}

TEST_F(Calls, OversizeWrongTypeAndUnreadable) {  // 10-4
    wire::header_list const secret{{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
    std::string const nine_mib(9 * limits::mib, ' ');
    EXPECT_EQ(send_text("POST", "/api/v1/call-results", nine_mib, secret).status, 413);
    EXPECT_EQ(send_text("POST", "/api/v1/call-results", "{bad", secret).status, 400);
    EXPECT_EQ(send_text("POST", "/api/v1/call-results", "{}",
                        {{"X-CXB-Core-Secret", "dev-secret"}, {"Content-Type", "text/plain"}})
                  .status,
              415);
    EXPECT_EQ(send("DELETE", "/api/v1/call-results").status, 405);
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
}

TEST_F(Calls, StatusByWordThroughHttp) {  // 21-4, 10-3
    std::pair<char const*, char const*> const rows[] = {
        {"error", "failed"},        {"no_answer", "failed"},    {"rejected", "failed"},
        {"voicemail", "voicemail"}, {"bot", "completed"},       {"customer", "completed"},
        {"timeout", "completed"},   {"RNR", "completed"},       {"outside_hours", "completed"},
        {"martian", "completed"},   {"superseded", "completed"}};
    for (auto const& [word, status] : rows) {
        std::string const id = std::string("w-") + word;
        EXPECT_EQ(post_result({{"session_id", id}, {"disconnected_by", word}}).status, 200);
        auto const stored = call(id);
        EXPECT_EQ(stored.text("status"), status) << word;
        EXPECT_EQ(stored.text("disconnected_by"), word);
    }
}

TEST_F(Calls, FiftyEqualDeliveriesAtOnceAreOneResult) {  // 21-2, 10-18
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    std::string const id = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    std::string const session = session_of(config(id));
    std::string const body = wire::to_text(full_result(session));
    auto const got = at_once(50, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/call-results", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body = body;
        return request;
    });
    int stored = 0;
    for (auto const& one : got) {
        EXPECT_EQ(one.status, 200) << one.body;
        stored += one.text("result") == "stored" ? 1 : 0;
    }
    EXPECT_EQ(stored, 1);
    EXPECT_TRUE(eventually([&] { return call(session).text("push_state") == "delivered"; }));
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(Calls, OrphanResults) {  // spec 21 §1.2
    EXPECT_EQ(post_result({{"session_id", "o-1"}, {"bot_id", "nobody"}}).text("result"), "stored");
    auto const stored = call("o-1");
    EXPECT_EQ(stored.json.at("orphan_result").as_bool(), true);
    EXPECT_EQ(stored.text("bot_id"), "");
    EXPECT_EQ(stored.text("push_state"), "none");
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    std::string const id = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    post_result({{"session_id", "o-2"}, {"bot_id", id}});
    EXPECT_TRUE(eventually([&] { return call("o-2").text("push_state") == "delivered"; }));
    EXPECT_EQ(crm.count(), 1U);
}

TEST_F(Calls, MergeTableThroughHttp) {  // 10-17, 10-19, 10-20
    std::string const session = session_of(config(bot));
    json_object const minimal{{"session_id", session}, {"disconnected_by", "error"}};
    EXPECT_EQ(post_result(minimal).text("result"), "stored");
    EXPECT_EQ(post_result(full_result(session)).text("result"), "updated");
    EXPECT_EQ(post_result(minimal).text("result"), "kept_previous");
    EXPECT_EQ(call(session).text("status"), "completed");
    EXPECT_EQ(call(session).json.at("transcript").as_array().size(), 1U);
    EXPECT_EQ(post_result({{"session_id", session}, {"recording_key", "2026/01/02/x.wav"}}).status,
              200);
    auto const recorded = call(session);
    EXPECT_EQ(recorded.json.at("transcript").as_array().size(), 1U);
    EXPECT_EQ(recorded.json.as_object().contains("recording_access_token"), false);
    EXPECT_NE(recorded.text("public_recording_url"), "");
    json_object second = full_result("seq");
    second["result_id"] = "019436f4-0000-7000-8000-000000000001";
    second["result_seq"] = 2;
    second["disconnected_by"] = "bot";
    EXPECT_EQ(post_result(second).text("result"), "stored");
    second["result_seq"] = 1;
    second["disconnected_by"] = "customer";
    EXPECT_EQ(post_result(second).text("result"), "stale");
    EXPECT_EQ(call("seq").text("disconnected_by"), "bot");
}

TEST_F(Calls, CdrInAnyOrderGivesTheSameCall) {  // 21-7, 10-23
    json_object const cdr{{"streamId", "st-1"}, {"talktime", 92}, {"call_status", "ANSWERED"}};
    auto const same = [&](std::string const& session) {
        auto const stored = call(session);
        EXPECT_EQ(stored.json.at("cdr_talktime").to_number<int>(), 92);
        EXPECT_EQ(stored.text("cdr_call_status"), "ANSWERED");
    };
    EXPECT_EQ(core("POST", "/api/v1/cdr", cdr).body,
              R"({"status":"not_found","stream_id":"st-1"})");
    std::string const first = session_of(config(bot, "stream_id=st-1"));
    same(first);
    post_result(full_result(first));
    same(first);
    EXPECT_EQ(core("POST", "/api/v1/cdr", cdr).body, R"({"status":"ok","stream_id":"st-1"})");
    EXPECT_EQ(core("POST", "/api/v1/cdr", json_object{{"x", 1}}).body,
              R"({"status":"ignored","reason":"no streamId"})");
    EXPECT_EQ(core("POST", "/api/v1/cdr", wire::json_array{}).status, 422);
}

TEST_F(Calls, FiltersAndPaging) {  // 21-9
    for (int i = 0; i < 5; ++i)
        post_result({{"session_id", "f-" + std::to_string(i)},
                     {"bot_id", bot},
                     {"disconnected_by", i < 2 ? "voicemail" : "customer"},
                     {"call_duration_seconds", i * 10}});
    auto const count = [&](std::string const& query) {
        return admin("GET", "/api/v1/calls?" + query).json.at("total").to_number<int>();
    };
    EXPECT_EQ(count("status=voicemail"), 2);
    EXPECT_EQ(count("status=completed&min_duration=30"), 2);
    EXPECT_EQ(count("bot_id=" + bot + "&disconnected_by=customer&max_duration=20"), 1);
    EXPECT_EQ(count("has_recording=true"), 0);
    EXPECT_EQ(count("session_id=f-3"), 1);
    EXPECT_EQ(admin("GET", "/api/v1/calls?colour=red").status, 422);
    auto const page = admin("GET", "/api/v1/calls?limit=2");
    EXPECT_EQ(page.json.at("items").as_array().size(), 2U);
    auto const next =
        admin("GET", "/api/v1/calls?limit=2&cursor=" + percent_encode(page.text("next")));
    EXPECT_EQ(next.json.at("items").as_array().size(), 2U);
    EXPECT_NE(next.json.at("items").at(0).at("session_id"),
              page.json.at("items").at(1).at("session_id"));
}

}  // namespace
}  // namespace cxb::api::test
