// Several cxb-api on one store: what one saves the others serve, and what must count once counts
// once, with Redis and without.
#include <map>

#include "server/api/instances_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

TEST_F(Instances, ASavedBotIsServedByOthersAtOnce) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const bot = a.make_bot();
    // Each step waits for the one before, so by polling alone most would take their 2 s.
    auto const began = steady::now();
    EXPECT_TRUE(eventually([&] { return b.config(bot).status == 200; }));
    for (int i = 0; i < 6; ++i)
        EXPECT_TRUE(follows(i % 2 == 0 ? a : b, i % 2 == 0 ? b : a, bot,
                            "message " + std::to_string(i), 5s));
    EXPECT_LT(steady::now() - began, 5s);
    EXPECT_GE(metric(a, "cxb_events_total{what=\"published\"}"), 4);
    EXPECT_GE(metric(b, "cxb_events_total{what=\"received\"}"), 4);
    EXPECT_EQ(metric(b, "cxb_events_total{what=\"lost\"}"), 0);
    EXPECT_EQ(a.admin("DELETE", "/api/v1/bots/" + bot).status, 200);
    EXPECT_TRUE(eventually([&] { return b.config(bot).status == 404; }, 1500ms));
}

TEST_F(Instances, SavedSettingsReachOthersAtOnce) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const began = steady::now();
    for (char const* zone : {"Asia/Kolkata", "Europe/Berlin", "UTC", "Asia/Tokyo"}) {
        EXPECT_EQ(
            a.admin("PUT", "/api/v1/settings/timezone", json_object{{"display_timezone", zone}})
                .status,
            200);
        EXPECT_TRUE(eventually([&] {
            return b.admin("GET", "/api/v1/settings/display").text("display_timezone") == zone;
        }));
    }
    EXPECT_LT(steady::now() - began, 5s);
}

TEST_F(Instances, WithoutRedisOthersFollowByPolling) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    EXPECT_TRUE(eventually([&] { return b.config(bot).status == 200; }, 5s));
    EXPECT_TRUE(follows(a, b, bot, "polled", 5s));
    EXPECT_TRUE(follows(b, a, bot, "polled back", 5s));
    EXPECT_EQ(metric(a, "cxb_redis_up"), -1) << "no Redis, no metric";
}

TEST_F(Instances, RedisMayGoAndComeBack) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const bot = a.make_bot();
    EXPECT_EQ(metric(b, "cxb_redis_up"), 1);
    redis->kill();
    EXPECT_TRUE(eventually([&] {
        auto const ready = b.send("GET", "/ready");
        return ready.status == 200 && ready.text("status") == "degraded";
    }));
    auto const told = b.send("GET", "/ready").json.at("checks").at("redis");
    EXPECT_FALSE(told.at("ok").as_bool());
    EXPECT_TRUE(follows(a, b, bot, "while it is away", 5s));
    EXPECT_EQ(metric(b, "cxb_redis_up"), 0);
    auto const missed = metric(b, "cxb_events_total{what=\"missed\"}");
    redis->start();
    EXPECT_TRUE(
        eventually([&] { return metric(b, "cxb_events_total{what=\"missed\"}") >= missed + 3; }));
    EXPECT_TRUE(eventually([&] { return b.send("GET", "/ready").text("status") == "ready"; }));
    EXPECT_TRUE(hears(a));
    EXPECT_TRUE(follows(a, b, bot, "after it came back", 5s));
    EXPECT_GT(metric(b, "cxb_redis_connects_total"), 1);
}

TEST_F(Instances, APausedRedisHoldsNoRequestUp) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const token = a.token();
    redis->pause();
    auto const began = steady::now();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(a.send("GET", "/api/v1/auth/me", nullptr, {{"Authorization", "Bearer " + token}})
                      .status,
                  200);
    EXPECT_LT(steady::now() - began, 4s);
    redis->go_on();
    EXPECT_TRUE(eventually([&] { return metric(a, "cxb_redis_up") == 1; }));
    EXPECT_GE(metric(a, "cxb_redis_failures_total"), 1);
}

TEST_F(Instances, AccessEndsEverywhereAtOnce) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const key = a.make_key({{"scopes", {"calls:read"}}});
    auto const list = [&](instance& at) {
        return at.send("GET", "/api/v1/calls", nullptr, {{"X-API-Key", key}}).status;
    };
    EXPECT_EQ(list(b), 200);
    auto const keys = a.admin("GET", "/api/v1/api-keys").json;
    auto const id = std::string(keys.at("items").at(0).at("id").as_string());
    EXPECT_EQ(a.admin("DELETE", "/api/v1/api-keys/" + id).status, 200);
    EXPECT_EQ(list(b), 401);
    auto const me = [&](instance& at, std::string const& bearer) {
        return at.send("GET", "/api/v1/auth/me", nullptr, {{"Authorization", "Bearer " + bearer}})
            .status;
    };
    auto const token = a.token();
    EXPECT_EQ(me(b, token), 200);
    EXPECT_EQ(a.admin("POST", "/api/v1/auth/logout-all").status, 204);
    EXPECT_EQ(me(b, token), 401);
}

// 20-8 over two processes.
TEST_F(Instances, TheLoginThrottleIsShared) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const login = [](instance& at, char const* password) {
        return at
            .send("POST", "/api/v1/auth/login",
                  json_object{{"email", admin_email}, {"password", password}})
            .status;
    };
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login(i % 2 == 0 ? a : b, "wrong-wrong-wrong"), 401);
    EXPECT_EQ(login(a, admin_password), 429);
    EXPECT_EQ(login(b, admin_password), 429);
}

TEST_F(Instances, RateLimitsAreSharedThroughRedis) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    ASSERT_NO_FATAL_FAILURE(start_with_redis());
    auto const key = a.make_key({{"scopes", {"calls:read"}}, {"rate_limit_per_second", 1}});
    std::map<int, int> answers;
    for (int i = 0; i < 6; ++i)
        ++answers[(i % 2 == 0 ? a : b)
                      .send("GET", "/api/v1/calls", nullptr, {{"X-API-Key", key}})
                      .status];
    EXPECT_GE(answers[200], 2);
    EXPECT_LE(answers[200], 3) << "one bucket of two, and perhaps a second has passed";
    EXPECT_EQ(answers[200] + answers[429], 6);
}

class HostsOfInstances : public Instances {
  protected:
    // A host of `slots` that remembers its calls and says at once what is left.
    void make_host(int slots) {
        host_ = std::make_unique<peer>([this, slots](wire::http_request const& request, int) {
            if (request.path == "/health/fleet")
                return json_reply(200, R"({"status":"ok","fleet_calls":)" +
                                           std::to_string(calls_.load()) + R"(,"fleet_max":)" +
                                           std::to_string(slots) + R"(,"fleet_available":)" +
                                           std::to_string(std::max(0, slots - calls_.load())) +
                                           R"(,"workers":[]})");
            ++dials_;
            if (++calls_ > slots) {
                --calls_;
                ++overbooked_;
                return json_reply(429, R"({"error":"full"})");
            }
            return json_reply(200, R"({"status":"accepted","call_id":"c","room_name":"r"})");
        });
        EXPECT_EQ(
            a.admin("PUT", "/api/v1/settings/fleet", json_object{{"core_fleet", {host_->url()}}})
                .status,
            200);
        EXPECT_TRUE(eventually([&] {
            return b.admin("GET", "/api/v1/fleet/status").body.find(host_->url()) !=
                   std::string::npos;
        }));
    }
    client::outgoing_request dial(instance& at, std::string const& bot, std::string const& key,
                                  std::string const& idempotency_key) {
        client::outgoing_request request{at.url() + "/api/v1/sip/dialout", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-API-Key", key},
                                   {"Content-Type", "application/json"},
                                   {"Idempotency-Key", idempotency_key}};
        request.message.body = wire::to_text(json_object{{"bot_id", bot}, {"to_number", "1001"}});
        return request;
    }

    std::atomic<int> calls_{0};
    std::atomic<int> dials_{0};
    std::atomic<int> overbooked_{0};
    std::unique_ptr<peer> host_;
};

// 21-30 over two processes: one key at both at once, then again at the other.
TEST_F(HostsOfInstances, OneIdempotencyKeyDialsOnce) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    auto const key = a.make_key({{"rate_limit_per_second", 200}});
    make_host(50);
    ASSERT_TRUE(eventually([&] { return b.config(bot).status == 200; }));
    auto const got =
        a.at_once(12, [&](std::size_t i) { return dial(i % 2 == 0 ? a : b, bot, key, "same"); });
    std::string first;
    for (auto const& one : got) {
        EXPECT_TRUE(one.status == 200 || one.text("code") == "idempotency_in_flight") << one.body;
        if (one.status == 200 && first.empty()) first = one.body;
        if (one.status == 200) EXPECT_EQ(one.body, first);
    }
    EXPECT_EQ(dials_, 1);
    for (auto* each : {&a, &b}) {
        auto const again = a.at_once(1, [&](std::size_t) { return dial(*each, bot, key, "same"); });
        EXPECT_EQ(again[0].body, first);
        EXPECT_EQ(again[0].headers.get("Idempotent-Replayed"), "true");
    }
    EXPECT_EQ(dials_, 1);
}

// 21-27 over two processes: reservations stand in the store, so no slot is promised twice.
TEST_F(HostsOfInstances, NoSlotIsPromisedTwice) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    auto const key = a.make_key({{"rate_limit_per_second", 200}});
    constexpr int slots = 8;
    make_host(slots);
    ASSERT_TRUE(eventually([&] { return b.config(bot).status == 200; }));
    auto const got = a.at_once(24, [&](std::size_t i) {
        return dial(i % 2 == 0 ? a : b, bot, key, "k-" + std::to_string(i));
    });
    int accepted = 0;
    for (auto const& one : got) {
        EXPECT_TRUE(one.status == 200 || one.status == 503) << one.body;
        accepted += one.status == 200 ? 1 : 0;
    }
    EXPECT_LE(accepted, slots);
    EXPECT_GT(accepted, slots / 2);
    // An accepted call counts twice for 300 ms: as a hold, and in what the host says. Then all
    // slots are taken, and no more.
    int more = 0;
    auto const again = [&] {
        auto& at = more % 2 == 0 ? a : b;
        return a.at_once(1, [&](std::size_t) {
            return dial(at, bot, key, "again-" + std::to_string(++more));
        })[0];
    };
    EXPECT_TRUE(eventually([&] {
        if (accepted < slots && again().status == 200) ++accepted;
        return accepted == slots;
    }));
    EXPECT_EQ(again().status, 503);
    EXPECT_EQ(again().status, 503);
    EXPECT_EQ(calls_, slots);
    EXPECT_EQ(overbooked_, 0);
}

// 20 §3.3: all audited writes are one sequence, also over processes that write at once.
TEST_F(Instances, AuditedWritesOfBothAreOneSequence) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bearer = a.token();
    constexpr std::size_t writes = 40;
    auto const got = a.at_once(writes, [&](std::size_t i) {
        client::outgoing_request request{(i % 2 == 0 ? a : b).url() + "/api/v1/bots", {}};
        request.message.method = "POST";
        request.message.headers = {{"Authorization", "Bearer " + bearer},
                                   {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(json_object{{"name", "bot " + std::to_string(i)}});
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.status, 201) << one.body;
    auto const rows = cxb::test::run_sqlite(
        a.settings.data_dir + "/cxb.db",
        "select count(*), count(distinct seq), max(seq) - min(seq) + 1 from audit_log");
    auto const text = rows.output.substr(0, rows.output.find('\n'));
    auto const first = text.substr(0, text.find('|'));
    EXPECT_EQ(text, first + "|" + first + "|" + first) << rows.errors;
}

// One of them cleans up for all; when it leaves, the other takes over at its next look.
TEST_F(Instances, ALoopHasOneHolder) {
    for (auto* each : {&a, &b})
        each->settings.loop_lease = 5s;
    ASSERT_NO_FATAL_FAILURE(start_alone());
    std::string const name = "cxb_loop_lease_fence{loop=\"clean_up\"}";
    EXPECT_TRUE(eventually([&] { return metric(a, name) == 1; }));
    EXPECT_EQ(metric(b, name), 0);
    a.stop();
    EXPECT_TRUE(eventually([&] { return metric(b, name) == 2; }));
}

TEST_F(Instances, AStartWithoutRedisGivesUpAfterItsPatience) {
    a.settings.store.redis_url = "unix://" + (a.scratch / "nobody").string();
    a.surroundings.patience = 50ms;
    api_app app(a.settings, a.surroundings);
    auto const started = app.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code(), errc::unavailable);
    EXPECT_EQ(api_surroundings{}.patience, 30s);
}

}  // namespace
}  // namespace cxb::api::test
