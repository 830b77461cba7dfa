// Calls whose result never comes (spec 21 §1.6).
#include "cxb/store/open/open_document_store.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/instances_fixture.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api::test {
namespace {

namespace model = server::model;
using namespace std::chrono_literals;

constexpr auto grace = 15min;

json_object full_result(std::string const& session) {
    return {{"session_id", session},
            {"disconnected_by", "customer"},
            {"call_duration_seconds", 42},
            {"transcript", {{{"role", "user"}, {"content", "haan boliye"}}}},
            {"post_call_analysis", {{"DISPOSITION", "PTP"}}}};
}

// Changes the store beside the API.
void in_store(server::api_settings const& settings,
              std::function<store::async<void>(store::document_store&)> const& work) {
    auto const opened =
        store::open_document_store({.url = settings.store.url, .database = settings.store.db});
    ASSERT_TRUE(opened) << opened.error().to_log_text();
    net::event_loops loops{1};
    loops.start();
    result<void> done = error{errc::internal};
    loops.run_and_wait([](store::document_store& with, auto const& what,
                          result<void>& out) -> boost::asio::awaitable<void> {
        out = co_await what(with);
    }(*opened->store, work, done));
    loops.stop();
    opened->store->close();
    EXPECT_TRUE(done);
}

struct StaleCalls : api_test {
    testing::fake_clock clock{std::chrono::floor<seconds>(std::chrono::system_clock::now())};
    peer crm{[](wire::http_request const&, int) { return json_reply(200, "{}"); }};

    void SetUp() override {
        surroundings.time = &clock;
        surroundings.stale_look = 20ms;
        settings.loop_lease = 1s;
        start();
    }
    std::string pushing_bot(int limit = 600) {
        return make_bot({{"max_call_duration_seconds", limit},
                         {"post_call_push",
                          {{"url", crm.url() + "/calls"},
                           {"key_mapper",
                            {{"id", "{{result.call_id}}"},
                             {"says", "{{analysis.DISPOSITION}}/{{result.status}}"}}}}}});
    }
    // The token and the lease may have ended meanwhile.
    void pass(std::chrono::nanoseconds time) {
        clock.advance(time);
        forget_token();
    }
    answer call(std::string const& session, char const* part = "") {
        clock.advance(100ms);  // the rate limit is not the subject
        return admin("GET", "/api/v1/calls/" + session + part);
    }
    // A look that began after this moment has ended.
    bool looked() {
        // The first to end after a step of the clock may have begun before it.
        return next_look_ends() && next_look_ends();
    }
    bool next_look_ends() {
        std::string const name = "\ncxb_loop_last_run_seconds{loop=\"stale_calls\"} ";
        clock.advance(2s);  // past the lease, which is taken again
        auto const now = std::chrono::floor<seconds>(clock.now()).time_since_epoch().count();
        return eventually([&] {
            auto const text = core("GET", "/metrics").body;
            auto const found = text.find(name);
            return found != std::string::npos &&
                   std::stod(text.substr(found + name.size())) >= static_cast<double>(now);
        });
    }
    int results_in_trace(std::string const& session) {
        int out = 0;
        auto const trace = call(session, "/trace");
        for (auto const& row : trace.json.as_array())
            out += wire::text_at(row.as_object(), "name") == "result" ? 1 : 0;
        return out;
    }
};

TEST_F(StaleCalls, ACallPastItsLimitFailsAndALateResultTakesItsPlace) {  // 21-6
    auto const session = config(pushing_bot()).text("session_id");
    pass(600s + grace - 10s);
    ASSERT_TRUE(looked());
    EXPECT_EQ(call(session).text("status"), "active");
    pass(10s);
    ASSERT_TRUE(eventually([&] { return call(session).text("status") == "failed"; }));
    auto const failed = call(session);
    EXPECT_TRUE(failed.json.at("result_missing").as_bool());
    EXPECT_EQ(failed.text("disconnected_by"), "error");
    EXPECT_FALSE(failed.text("completed_at").empty());
    auto const& event = failed.json.at("events").at(0).as_object();
    EXPECT_EQ(wire::text_at(event, "type"), "service_error");
    EXPECT_EQ(wire::text_at(event, "name"), "worker");
    EXPECT_EQ(wire::text_at(event, "data.code"), "result_missing");
    EXPECT_EQ(results_in_trace(session), 1);
    ASSERT_TRUE(eventually([&] { return call(session).text("push_state") == "delivered"; }));
    EXPECT_EQ(crm.requests().at(0).body, R"({"id":")" + session + R"(","says":"/failed"})");

    EXPECT_EQ(post_result(full_result(session)).text("result"), "updated");
    auto const real = call(session);
    EXPECT_EQ(real.text("status"), "completed");
    EXPECT_FALSE(real.json.as_object().contains("result_missing"));
    ASSERT_TRUE(eventually([&] { return crm.count() == 2; }));
    EXPECT_EQ(crm.requests().at(1).body, R"({"id":")" + session + R"(","says":"PTP/completed"})");
    EXPECT_NE(crm.requests().at(0).headers.get("webhook-id"),
              crm.requests().at(1).headers.get("webhook-id"));
    ASSERT_TRUE(looked());
    EXPECT_EQ(call(session).text("status"), "completed");
    // Each status it had, the last one with the moment of the result that brought it.
    std::string statuses;
    std::string since;
    auto const events = admin("GET", "/api/v1/calls/" + session + "/events").json;
    for (auto const& row : events.as_array())
        if (wire::text_at(row.as_object(), "type") == "status") {
            statuses += std::string(wire::text_at(row.as_object(), "status")) + " ";
            since = wire::text_at(row.as_object(), "at");
        }
    EXPECT_EQ(statuses, "active failed completed ");
    EXPECT_EQ(since, real.text("updated_at"));
}

TEST_F(StaleCalls, ALateMinimalResultIsAResult) {
    auto const session = config(pushing_bot()).text("session_id");
    pass(600s + grace + 1s);
    ASSERT_TRUE(eventually([&] { return call(session).text("status") == "failed"; }));
    EXPECT_EQ(
        post_result({{"session_id", session}, {"disconnected_by", "no_answer"}}).text("result"),
        "updated");
    auto const told = call(session);
    EXPECT_EQ(told.text("disconnected_by"), "no_answer");
    EXPECT_FALSE(told.json.as_object().contains("result_missing"));
}

TEST_F(StaleCalls, EachCallHasItsOwnLimit) {
    auto const brief = config(pushing_bot(60)).text("session_id");
    auto const lengthy = config(pushing_bot(7200)).text("session_id");
    auto const ended = config(pushing_bot(60)).text("session_id");
    post_result(full_result(ended));
    pass(60s + grace + 1s);
    ASSERT_TRUE(eventually([&] { return call(brief).text("status") == "failed"; }));
    ASSERT_TRUE(looked());
    EXPECT_EQ(call(lengthy).text("status"), "active");
    EXPECT_EQ(call(ended).text("status"), "completed");
    EXPECT_EQ(results_in_trace(ended), 1);
}

TEST_F(StaleCalls, ACallThatIsWithPeopleIsLeftAlone) {
    auto const bot = pushing_bot();
    auto const handed = config(bot).text("session_id");
    auto const other = config(bot).text("session_id");
    auto const row = [&](char const* status) {
        in_store(settings, [&](store::document_store& with) -> store::async<void> {
            CXB_CO_CHECK(co_await with.update_one(
                model::agent_desk_handoffs,
                store::all_of({store::eq("parent_call_id", json_value(handed))}),
                store::update{}.set("parent_call_id", json_value(handed)).set("status", status),
                true));
            co_return result<void>{};
        });
    };
    row("open");
    pass(24h);
    ASSERT_TRUE(eventually([&] { return call(other).text("status") == "failed"; }));
    ASSERT_TRUE(looked());
    EXPECT_EQ(call(handed).text("status"), "active");
    row("closed");
    EXPECT_TRUE(eventually([&] { return call(handed).text("status") == "failed"; }));
}

struct StaleCallsOfTwo : Instances {
    testing::fake_clock clock{std::chrono::floor<seconds>(std::chrono::system_clock::now())};
    std::vector<std::string> sessions;
    std::string bot;

    void SetUp() override {
        for (auto* each : {&a, &b}) {
            each->surroundings.time = &clock;
            each->surroundings.stale_look = 10ms;
            each->settings.loop_lease = 1s;
            each->settings.jobs.workers = 0;
        }
        start_alone();
        bot = a.make_bot({{"post_call_push", {{"url", "http://127.0.0.1:8099/calls"}}}});
        ASSERT_TRUE(eventually([&] { return b.config(bot).status == 200; }));
    }
    void make_calls(std::vector<instance*> const& from) {
        sessions.clear();
        for (std::size_t i = 0; i < 25; ++i)
            sessions.push_back(from[i % from.size()]->config(bot).text("session_id"));
        clock.advance(600s + grace + 1s);
        a.forget_token();
        b.forget_token();
    }
    answer get(instance& from, std::string const& path) {
        clock.advance(100ms);
        return from.admin("GET", path);
    }
    void expect_each_ended_once(instance& from) {
        ASSERT_TRUE(eventually([&] {
            auto const active = get(from, "/api/v1/calls?limit=1&status=active");
            return active.json.at("total").to_number<int>() == 0;
        }));
        for (auto const& session : sessions) {
            std::string const path = "/api/v1/calls/" + session;
            EXPECT_TRUE(get(from, path).json.at("result_missing").as_bool());
            EXPECT_EQ(get(from, path + "/pushes").json.as_array().size(), 1U);
            int results = 0;
            auto const trace = get(from, path + "/trace");
            for (auto const& row : trace.json.as_array())
                results += wire::text_at(row.as_object(), "name") == "result" ? 1 : 0;
            EXPECT_EQ(results, 1) << session;
        }
    }
};

TEST_F(StaleCallsOfTwo, OneLooksAndTheOtherTakesOver) {  // 21-6
    make_calls({&a, &b});
    ASSERT_NO_FATAL_FAILURE(expect_each_ended_once(a));
    double const by_both = metric(a, "cxb_stale_calls_total") + metric(b, "cxb_stale_calls_total");
    EXPECT_GE(by_both, 25);  // and the calls that SetUp made while it asked for the bot
    a.stop();
    make_calls({&b});
    ASSERT_NO_FATAL_FAILURE(expect_each_ended_once(b));
}

}  // namespace
}  // namespace cxb::api::test
