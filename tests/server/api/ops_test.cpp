// Operations: what waits where, and dead jobs that run again.
#include "cxb/testing/fake_clock.hpp"
#include "server/api/jobs/job_changes.hpp"
#include "server/api/push/host_gate.hpp"
#include "server/api/store_beside.hpp"
#include "server/api/webhooks_fixture.hpp"
#include "server/common/jobs/job.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct Operations : WebhookFixture {
    static constexpr char const* retry_path = "/api/v1/ops/dead-letters/retry";

    json_object order(char const* kind, json_object extra = {}) {
        json_object out{{"kind", kind},
                        {"from", format_timestamp(clock.now() - 1h)},
                        {"to", format_timestamp(clock.now() + 1h)}};
        for (auto& [name, value] : extra)
            out[name] = value;
        return out;
    }
    std::string bot_with_push() {
        return make_bot({{"post_call_push", {{"url", receiver.url() + "/push"}}}});
    }
    std::string states(char const* kind) {
        return rows(std::string("select json_extract(doc,'$.state'), count(*) from jobs where "
                                "json_extract(doc,'$.kind')='") +
                    kind + "' group by 1 order by 1");
    }
    bool become(char const* kind, std::string const& wanted) {
        return eventually([&] { return states(kind) == wanted; });
    }
    // More deliveries than their host takes at once: what found no place waits by the clock, which
    // goes on only when nothing is under way, for it also ends leases.
    bool all_die(std::size_t count) {
        return eventually([&] {
            if (states("webhook") == "dead|" + std::to_string(count) + "\n") return true;
            auto const under_way = rows(
                "select count(*) from jobs where "
                "json_extract(doc,'$.state')='running' or "
                "(json_extract(doc,'$.state')='queued' and "
                "json_extract(doc,'$.run_at')<='" +
                format_timestamp(clock.now()) + "')");
            if (under_way == "0\n") clock.advance(host_gate::full_wait);
            return false;
        });
    }
    std::int64_t queued(json_object const& body) {
        auto const got = admin("POST", retry_path, body);
        EXPECT_EQ(got.status, 200) << got.body;
        return got.json.at("queued").to_number<std::int64_t>();
    }
};

// Whatever a process counts is declared: one name that is not would take all others away.
TEST_F(Operations, MetricsAreServedWhole) {
    auto const got = send("GET", "/metrics");
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_NE(got.body.find("cxb_event_streams 0"), std::string::npos) << got.body;
}

TEST_F(Operations, DeadLettersOfAKindAndABotRunAgain) {
    status = 400;
    make_endpoint({"call.completed"});
    auto const bot = bot_with_push();
    auto const other = bot_with_push();
    auto const session = finished_call(bot);
    finished_call(bot);
    finished_call(other);
    ASSERT_TRUE(become("crm_push", "dead|3\n") && become("webhook", "dead|3\n"));
    status = 200;
    EXPECT_EQ(queued(order("crm_push", {{"bot_id", bot}})), 2);
    EXPECT_TRUE(become("crm_push", "dead|1\ndone|2\n")) << states("crm_push");
    EXPECT_EQ(admin("GET", "/api/v1/calls/" + session).text("push_state"), "delivered");
    EXPECT_EQ(states("webhook"), "dead|3\n");
    EXPECT_EQ(queued(order("webhook")), 3);
    EXPECT_TRUE(become("webhook", "done|3\n"));
    EXPECT_EQ(queued(order("webhook")), 0);
    EXPECT_EQ(queued(order("crm_push", {{"from", format_timestamp(clock.now() - 3h)},
                                        {"to", format_timestamp(clock.now())}})),
              0)
        << "the end of the range is outside";
    EXPECT_EQ(rows("select count(*) from audit_log where "
                   "json_extract(doc,'$.action')='job.retry_dead'"),
              "2\n");
}

TEST_F(Operations, OneThatDiesAgainIsNotTakenTwice) {
    status = 400;
    make_endpoint({"call.completed"});
    auto const bot = make_bot();
    constexpr std::size_t calls = dead_letter_portion + 20;
    for (std::size_t done = 0; done < calls; done += calls / 2) {
        auto const got = at_once(calls / 2, [&](std::size_t i) {
            client::outgoing_request request{url() + "/api/v1/call-results", {}};
            request.message.method = "POST";
            request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                       {"Content-Type", "application/json"}};
            request.message.body =
                wire::to_text(json_object{{"session_id", "s-" + std::to_string(done + i)},
                                          {"bot_id", bot},
                                          {"disconnected_by", "customer"}});
            return request;
        });
        for (auto const& one : got)
            EXPECT_EQ(one.status, 200) << one.body;
    }
    ASSERT_TRUE(all_die(calls)) << states("webhook");
    EXPECT_EQ(receiver.count(), calls);
    EXPECT_EQ(queued(order("webhook")), static_cast<std::int64_t>(calls));
    EXPECT_TRUE(all_die(calls)) << states("webhook");
    EXPECT_EQ(receiver.count(), 2 * calls);
}

TEST_F(Operations, AnOrderTakesSoManyAndTheNextOneTheRest) {
    stop();
    settings.jobs.workers = 0;
    start();
    std::vector<json_object> dead;
    for (std::size_t i = 0; i < max_dead_letters + 20; ++i) {
        server::job_spec spec;
        spec.kind = "webhook";
        spec.key = "wh:e:call.completed:s-" + std::to_string(i) + ":1";
        dead.push_back(server::make_job(std::move(spec), clock.now(), system_random()));
        dead.back()["state"] = server::job_state::dead;
        dead.back()["done_at"] = format_timestamp(clock.now());
    }
    store_beside beside(settings);
    ASSERT_TRUE(beside.run(beside->ensure(server::jobs)));
    ASSERT_TRUE(beside.run(beside->bulk_insert(server::jobs, std::move(dead))));
    EXPECT_EQ(queued(order("webhook")), static_cast<std::int64_t>(max_dead_letters));
    EXPECT_EQ(states("webhook"), "dead|20\nqueued|" + std::to_string(max_dead_letters) + "\n");
    EXPECT_EQ(queued(order("webhook")), 20);
}

TEST_F(Operations, AnOrderThatIsWrongIsNamed) {
    auto const refused = [&](json_object body, std::string const& pointer) {
        auto const got = admin("POST", retry_path, body);
        EXPECT_EQ(got.status, 422) << got.body;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), pointer) << got.body;
    };
    auto without = order("webhook");
    without.erase("kind");
    refused(without, "/kind");
    refused(order("webhook", {{"from", "yesterday"}}), "/from");
    refused(order("webhook", {{"to", format_timestamp(clock.now() - 1h)}}), "/to");
    EXPECT_EQ(admin("GET", "/api/v1/ops/jobs?state=asleep").status, 422);
    EXPECT_EQ(admin("GET", "/api/v1/ops/jobs?colour=red").status, 422);
    EXPECT_EQ(send("POST", retry_path, order("webhook")).status, 401);
    EXPECT_EQ(send("GET", "/api/v1/ops/status").status, 401);
}

TEST_F(Operations, JobsAreFoundByKindStateAndKey) {
    status = 400;
    make_endpoint({"call.completed"});
    auto const session = finished_call(bot_with_push());
    ASSERT_TRUE(become("crm_push", "dead|1\n") && become("webhook", "dead|1\n"));
    auto const found = [&](std::string const& query) {
        auto const items = admin("GET", "/api/v1/ops/jobs?" + query).json.at("items").as_array();
        std::string kinds;
        for (auto const& item : items)
            kinds += std::string(item.at("kind").as_string()) + " ";
        return kinds;
    };
    EXPECT_EQ(found("kind=webhook"), "webhook ");
    EXPECT_EQ(found("kind=crm_push&state=dead"), "crm_push ");
    EXPECT_EQ(found("key=push:" + session + ":1"), "crm_push ");
    EXPECT_EQ(found("state=queued"), "");
}

TEST_F(Operations, StatusTellsWhatRunsAndWhatWaits) {
    status = 400;
    make_endpoint({"call.completed"});
    finished_call(make_bot());
    ASSERT_TRUE(become("webhook", "dead|1\n"));
    ASSERT_TRUE(eventually([&] {
        return rows(
                   "select count(*) from system_runtime where json_extract(doc,'$.owner') is not "
                   "null") != "0\n";
    }));
    auto const got = admin("GET", "/api/v1/ops/status");
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("version"), version_string);
    EXPECT_EQ(got.text("started_at"), format_timestamp(clock.now()));
    bool held = false;
    for (auto const& loop : got.json.at("loops").as_array())
        held = held || (loop.at("name").as_string() == "clean_up" && loop.at("owner").is_string());
    EXPECT_TRUE(held) << got.body;
    EXPECT_EQ(wire::to_text(got.json.at("jobs")), R"({"webhook":{"dead":1}})");
    EXPECT_TRUE(got.json.at("store").at("ok").as_bool());
    EXPECT_EQ(got.json.at("fleet").at("hosts").to_number<int>(), 0);
    EXPECT_EQ(got.json.at("fleet").at("available").to_number<int>(), 0);
}

}  // namespace
}  // namespace cxb::api::test
