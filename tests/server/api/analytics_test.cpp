// Analytics: who may ask, what may be asked, and that counters and calls change together.
#include "server/api/analytics_fixture.hpp"
#include "server/api/instances_fixture.hpp"
#include "server/common/jobs/job.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

json_object full(std::string const& session, char const* disposition = "PTP") {
    return {{"session_id", session},
            {"disconnected_by", "customer"},
            {"call_duration_seconds", 42},
            {"transcript", wire::json_array{json_object{{"role", "user"}, {"content", "haan"}}}},
            {"post_call_analysis", {{"DISPOSITION", disposition}}}};
}

std::int64_t whole(answer const& got, char const* path) {
    return got.json.is_object() ? wire::int_at(got.json.as_object(), path, -1) : -1;
}

struct Analytics : api_test {
    testing::fake_clock clock{parse_timestamp("2026-05-05T10:07:00Z").value()};
    void TearDown() override { stop(); }  // before the clock goes
    answer get(std::string const& path) {
        answer got;
        EXPECT_TRUE(eventually([&] {
            got = admin("GET", "/api/v1/analytics/" + path);
            return got.status != 429;
        }));
        return got;
    }
    void expect_fault(std::string const& path, std::string const& pointer) {
        auto const got = get(path);
        EXPECT_EQ(got.status, 422) << path << got.body;
        bool named = false;
        if (auto const* errors = got.json.as_object().if_contains("errors"))
            for (auto const& one : errors->as_array())
                named = named || wire::text_at(one.as_object(), "pointer") == pointer;
        EXPECT_TRUE(named) << path << got.body;
    }
};

TEST_F(Analytics, AreForAdmins) {
    start();
    auto const key = make_key({{"scopes", {"calls:read", "dialout"}}});
    for (std::string const name : {"overview", "volume", "outcomes", "latency", "usage"}) {
        auto const path = "/api/v1/analytics/" + name;
        EXPECT_EQ(send("GET", path).status, 401) << name;
        EXPECT_NE(send("GET", path, nullptr, {{"Authorization", "Bearer " + key}}).status, 200);
        EXPECT_NE(core("GET", path).status, 200) << name;
        EXPECT_EQ(get(name).status, 200) << name;
    }
}

TEST_F(Analytics, NothingIsShownAsNothing) {
    start();
    auto const seen = get("overview");
    EXPECT_EQ(whole(seen, "calls.total"), 0);
    EXPECT_TRUE(seen.json.at("connect_rate").is_null());
    EXPECT_TRUE(seen.json.at("avg_duration_seconds").is_null());
    EXPECT_EQ(whole(seen, "fleet.total_capacity"), 0);
    EXPECT_EQ(whole(seen, "previous.calls.total"), 0);
    EXPECT_EQ(get("outcomes").json.as_array().size(), 0U);
    EXPECT_EQ(get("usage").json.as_array().size(), 0U);
    auto const stages = get("latency");
    EXPECT_EQ(stages.json.as_object().size(), 6U);
    EXPECT_EQ(whole(stages, "total.count"), 0);
    EXPECT_TRUE(stages.json.at("total").at("p99").is_null());
}

TEST_F(Analytics, BoundsAndFaults) {
    start();
    expect_fault("overview?from=yesterday", "/from");
    expect_fault("overview?tz=Mars/One", "/tz");
    expect_fault("overview?colour=red", "/colour");
    expect_fault("overview?from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "/to");
    expect_fault("overview?from=2026-01-03T00:00:00Z&to=2026-01-02T00:00:00Z", "/to");
    expect_fault("overview?from=2999-01-01T00:00:00Z", "/from");
    expect_fault("overview?to=0001-01-01T00:00:00Z", "/to");
    expect_fault("overview?to=9999-12-31T23:59:59Z", "/to");
    expect_fault("overview?from=2025-01-01T00:00:00Z&to=2026-02-05T00:15:00Z", "/from");
    EXPECT_EQ(get("overview?from=2025-01-01T00:00:00Z&to=2026-02-05T00:00:00Z").status, 200)
        << "400 days";
    expect_fault("volume?bucket=week", "/bucket");
    expect_fault("outcomes?by=mood", "/by");
    for (char const* limit : {"0", "201", "many"})
        expect_fault(std::string("outcomes?limit=") + limit, "/limit");
    // 2000 quarters are 20 days and 20 hours.
    std::string const begin = "volume?bucket=15m&from=2026-01-01T00:00:00Z&to=2026-01-21T";
    auto const most = get(begin + "20:00:00Z");
    ASSERT_EQ(most.status, 200) << most.body;
    EXPECT_EQ(most.json.at("series").as_array().size(), 2000U);
    expect_fault(begin + "20:15:00Z", "/bucket");
    expect_fault("volume?bucket=hour&from=2026-01-01T00:00:00Z&to=2026-03-25T08:15:00Z", "/bucket");
}

TEST_F(Analytics, RangesAreWholeQuartersAndSevenDaysByDefault) {
    surroundings.time = &clock;
    start();
    auto const seen = get("overview");
    EXPECT_EQ(seen.text("range.to"), "2026-05-05T10:15:00.000Z");
    EXPECT_EQ(seen.text("range.from"), "2026-04-28T10:15:00.000Z");
    EXPECT_EQ(seen.text("range.tz"), "UTC");
    auto const asked = get("overview?from=2026-05-01T10:07:00%2B05:30&to=2026-05-02T00:00:01Z");
    EXPECT_EQ(asked.text("range.from"), "2026-05-01T04:30:00.000Z");
    EXPECT_EQ(asked.text("range.to"), "2026-05-02T00:15:00.000Z");
    // The zone is that of the installation unless another one is asked for.
    ASSERT_EQ(
        admin("PUT", "/api/v1/settings/timezone", json_object{{"display_timezone", "Asia/Kolkata"}})
            .status,
        200);
    auto const days = get("volume");
    EXPECT_EQ(days.text("tz"), "Asia/Kolkata");
    EXPECT_EQ(wire::text_at(days.json.at("series").at(1).as_object(), "start"),
              "2026-04-28T18:30:00.000Z");
    EXPECT_EQ(get("volume?tz=UTC").text("tz"), "UTC");
}

// A day of 23 and one of 25 hours; half an hour of Lord Howe's.
TEST_F(Analytics, LocalDaysAndHoursOverClockChanges) {
    start();
    auto const starts = [&](std::string const& query) {
        std::vector<std::string> out;
        auto const got = get("volume?" + query);
        for (auto const& row : got.json.at("series").as_array())
            out.push_back(std::string(wire::text_at(row.as_object(), "start")).substr(0, 16));
        return out;
    };
    using texts = std::vector<std::string>;
    EXPECT_EQ(starts("tz=America/New_York&from=2026-03-07T12:00:00Z&to=2026-03-10T00:00:00Z"),
              (texts{"2026-03-07T05:00", "2026-03-08T05:00", "2026-03-09T04:00"}));
    EXPECT_EQ(starts("tz=America/New_York&from=2026-11-01T04:00:00Z&to=2026-11-02T06:00:00Z"),
              (texts{"2026-11-01T04:00", "2026-11-02T05:00"}));
    EXPECT_EQ(starts("bucket=hour&tz=America/New_York&from=2026-11-01T05:00:00Z"
                     "&to=2026-11-01T08:00:00Z"),
              (texts{"2026-11-01T05:00", "2026-11-01T06:00", "2026-11-01T07:00"}));
    EXPECT_EQ(starts("bucket=hour&tz=Asia/Kolkata&from=2026-01-01T00:00:00Z"
                     "&to=2026-01-01T02:00:00Z"),
              (texts{"2025-12-31T23:30", "2026-01-01T00:30", "2026-01-01T01:30"}));
    EXPECT_EQ(starts("bucket=hour&tz=Australia/Lord_Howe&from=2026-04-04T14:00:00Z"
                     "&to=2026-04-04T16:30:00Z"),
              (texts{"2026-04-04T14:00", "2026-04-04T15:00", "2026-04-04T15:30"}));
    // Samoa had no 30 December 2011.
    EXPECT_EQ(starts("tz=Pacific/Apia&from=2011-12-29T12:00:00Z&to=2012-01-01T00:00:00Z"),
              (texts{"2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"}));
}

TEST_F(Analytics, PushesAreCountedAsTheyStand) {
    int status = 400;
    peer crm([&](wire::http_request const&, int) { return json_reply(status, "{}"); });
    start();
    auto const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    auto const pushes = [&] {
        auto const seen = get("overview");
        return std::array{whole(seen, "pushes.queued"), whole(seen, "pushes.delivered"),
                          whole(seen, "pushes.dead")};
    };
    auto const become = [&](std::int64_t queued, std::int64_t delivered, std::int64_t dead) {
        return eventually([&] { return pushes() == std::array{queued, delivered, dead}; });
    };
    auto const session = config(bot).text("session_id");
    post_result(full(session));
    EXPECT_TRUE(become(0, 0, 1));
    status = 200;
    auto const path = "/api/v1/calls/" + session + "/push";
    EXPECT_EQ(admin("POST", path, json_object{{"mode", "same"}}).status, 202);
    EXPECT_TRUE(become(0, 1, 0)) << "the dead one is the one that is delivered now";
    EXPECT_EQ(admin("POST", path, json_object{{"mode", "rebuild"}}).status, 202);
    EXPECT_TRUE(become(0, 2, 0));
    settings.jobs.workers = 0;
    restart();
    auto const waiting = config(bot).text("session_id");
    post_result(full(waiting));
    EXPECT_TRUE(become(1, 2, 0));
    auto const jobs = admin("GET", "/api/v1/ops/jobs?state=queued");
    auto const id = std::string(wire::text_at(jobs.json.at("items").at(0).as_object(), "id"));
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + id + "/cancel").status, 200);
    EXPECT_TRUE(become(0, 2, 0)) << "a cancelled push is counted nowhere";
}

// Its worker dies each time: the runner gives it up, and nobody else would tell.
TEST_F(Analytics, APushThatNobodyCouldFinishIsCountedAsDead) {
    settings.jobs.workers = 0;
    start();
    auto const bot = make_bot({{"post_call_push", {{"url", "http://127.0.0.1:8099/calls"}}}});
    auto const session = config(bot).text("session_id");
    post_result(full(session));
    EXPECT_EQ(whole(get("overview"), "pushes.queued"), 1);
    stop();
    stored_documents(settings).run([](store::document_store& at) -> store::async<void> {
        CXB_CO_CHECK(co_await at.ensure(server::jobs));
        CXB_CO_CHECK(co_await at.update_many(server::jobs,
                                             store::all_of({store::eq("kind", "crm_push")}),
                                             store::update{}
                                                 .set("state", "running")
                                                 .set("attempts", 13)
                                                 .set("lease_until", "2025-01-01T00:00:00.000Z")));
        co_return result<void>{};
    });
    settings.jobs.workers = 4;
    start();
    EXPECT_TRUE(eventually([&] { return whole(get("overview"), "pushes.dead") == 1; }));
    EXPECT_EQ(whole(get("overview"), "pushes.queued"), 0);
    auto const call = admin("GET", "/api/v1/calls/" + session);
    EXPECT_EQ(call.text("push_state"), "dead");
    EXPECT_EQ(call.json.at("integration_log").at(0).at("error"), "lease lost too often");
    auto const trace = admin("GET", "/api/v1/calls/" + session + "/trace");
    EXPECT_NE(trace.body.find("push_dead"), std::string::npos);
}

TEST_F(Analytics, RepetitionsStaleAndKeptResultsChangeNoCounter) {
    start();
    auto const session = config(make_bot()).text("session_id");
    EXPECT_EQ(whole(get("overview"), "calls.active"), 1);
    post_result(full(session));
    stored_documents documents(settings);
    auto const before = counted(documents);
    EXPECT_EQ(post_result(full(session)).text("result"), "duplicate");
    EXPECT_EQ(post_result({{"session_id", session}, {"disconnected_by", "error"}}).text("result"),
              "kept_previous");
    EXPECT_EQ(counted(documents), before);
    auto const seen = get("overview");
    EXPECT_EQ(whole(seen, "calls.total"), 1);
    EXPECT_EQ(whole(seen, "calls.active"), 0);
    EXPECT_EQ(whole(seen, "connected"), 1);
}

// Orphans have no bot; they are counted all the same.
TEST_F(Analytics, OrphansAndResultsOfOneCallAtOnce) {
    start();
    auto const got = at_once(30, [&](std::size_t i) {
        client::outgoing_request request{url() + "/api/v1/call-results", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body =
            wire::to_text(full("orphan-" + std::to_string(i % 3), i % 2 == 0 ? "PTP" : "RTP"));
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.status, 200) << one.body;
    auto const seen = get("outcomes?by=bot_id").json.as_array();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_TRUE(seen[0].at("key").is_null());
    EXPECT_EQ(wire::int_at(seen[0].as_object(), "count"), 3);
    stored_documents documents(settings);
    EXPECT_EQ(counted(documents), contributed(documents));
}

// Two processes, one slot: every result counts once, in one document.
struct AnalyticsInstances : Instances {
    testing::fake_clock clock{
        std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now()) + 1min};
    void TearDown() override {
        a.stop();
        b.stop();
    }
    std::vector<answer> post_all(instance& at, std::size_t count, std::string const& prefix,
                                 char const* disposition) {
        return at.at_once(count, [&](std::size_t i) {
            client::outgoing_request request{at.url() + "/api/v1/call-results", {}};
            request.message.method = "POST";
            request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                       {"Content-Type", "application/json"}};
            request.message.body = wire::to_text(full(prefix + std::to_string(i), disposition));
            return request;
        });
    }
};

TEST_F(AnalyticsInstances, BothWriteOneSlot) {  // 21-41
    a.surroundings.time = &clock;
    b.surroundings.time = &clock;
    start_alone();
    constexpr std::size_t each = 60;
    std::vector<answer> of_b;
    std::thread other([&] { of_b = post_all(b, each, "s-", "RTP"); });
    auto const of_a = post_all(a, each, "s-", "PTP");
    other.join();
    for (std::size_t i = 0; i < each; ++i) {
        EXPECT_EQ(of_a[i].status, 200) << of_a[i].body;
        EXPECT_EQ(of_b[i].status, 200) << of_b[i].body;
    }
    auto const seen = a.admin("GET", "/api/v1/analytics/overview");
    EXPECT_EQ(whole(seen, "calls.total"), std::int64_t(each)) << seen.body;
    EXPECT_EQ(whole(seen, "connected"), std::int64_t(each));
    auto const told = b.admin("GET", "/api/v1/analytics/outcomes").json.as_array();
    std::int64_t sum = 0;
    for (auto const& row : told)
        sum += wire::int_at(row.as_object(), "count");
    EXPECT_EQ(sum, std::int64_t(each));
    stored_documents documents(a.settings);
    EXPECT_EQ(documents.all(server::model::call_rollups).size(), 1U);
    EXPECT_EQ(counted(documents), contributed(documents));
}

}  // namespace
}  // namespace cxb::api::test
