// kill -9 of the API: what was answered 200 is there after the restart and reaches the CRM under
// one webhook id.
#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

class ApiCrash : public installation {
  protected:
    // Posts results until the API is gone; remembers those that were answered 200.
    void post_until_gone(int round, int client, std::string const& bot) {
        http_caller own;
        for (int n = 0; !gone_; ++n) {
            auto const session = "storm-" + std::to_string(round) + "-" + std::to_string(client) +
                                 "-" + std::to_string(n);
            auto const got = post_result(own, full_result(session, bot));
            if (got.status == 0) return;
            if (got.status != 200) continue;
            {
                std::scoped_lock const lock(mutex_);
                acknowledged_.insert(session);
            }
            ++round_acknowledged_;
        }
    }

    // One round: clients post at once, the API is killed after `after` results.
    void storm(int round, int after, std::string const& bot) {
        gone_ = false;
        round_acknowledged_ = 0;
        std::vector<std::jthread> clients;
        for (int client = 0; client < 4; ++client)
            clients.emplace_back([=, this] { post_until_gone(round, client, bot); });
        EXPECT_TRUE(test::eventually([&] { return round_acknowledged_ >= after; }));
        kill_api();
        gone_ = true;
    }

    // Every call of the bot as the list shows it.
    std::map<std::string, std::string> listed(std::string const& bot) {
        std::map<std::string, std::string> out;
        std::string cursor;
        do {
            auto const page = admin("GET", "/api/v1/calls?limit=200&bot_id=" + bot +
                                               (cursor.empty() ? "" : "&cursor=" + cursor));
            EXPECT_EQ(page.status, 200) << page.text;
            if (page.status != 200) return out;
            for (auto const& item : page.body.at("items").as_array())
                out.emplace(wire::text_at(item.as_object(), "session_id"),
                            wire::text_at(item.as_object(), "push_state"));
            cursor = std::string(wire::text_at(page.body, "next"));
        } while (!cursor.empty());
        return out;
    }

    std::set<std::string> acknowledged_;

  private:
    std::mutex mutex_;
    std::atomic<bool> gone_{false};
    std::atomic<int> round_acknowledged_{0};
};

// 21-1, 10-21: the result is answered while the CRM is away; the API dies before any push.
TEST_F(ApiCrash, BetweenResultAndPush) {
    start_api();
    auto const bot = make_bot();
    crm.go_away();
    ASSERT_EQ(post_result(http, full_result("crash-1", bot)).status, 200);
    kill_api();
    crm.come_back();
    start_api();
    ASSERT_TRUE(call_becomes("crash-1", "push_state", {"delivered"}, std::chrono::seconds{60}));
    auto const call = call_of("crash-1");
    EXPECT_EQ(wire::text_at(call, "status"), "completed");
    EXPECT_EQ(call.at("transcript").as_array().size(), 2U);
    auto const accepted = crm.accepted();
    ASSERT_TRUE(accepted.contains("crash-1"));
    EXPECT_EQ(accepted.at("crash-1").size(), 1U);
}

// 21-1, 10-21, under load and many times.
TEST_F(ApiCrash, UnderLoadLosesNothingAndPushesOnce) {
    constexpr int rounds = 12;
    std::random_device device;
    unsigned const seed = device();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> results(3, 25);
    start_api();
    auto const bot = make_bot();
    for (int round = 0; round < rounds; ++round) {
        storm(round, results(random), bot);
        start_api();
    }
    std::printf("%zu results were answered 200 over %d kills\n", acknowledged_.size(), rounds);

    std::map<std::string, std::string> calls;
    EXPECT_TRUE(asking_eventually(
        [&] {
            calls = listed(bot);
            return std::ranges::all_of(calls, [](auto& c) { return c.second == "delivered"; });
        },
        std::chrono::seconds{120}));
    auto const accepted = crm.accepted();
    for (auto const& session : acknowledged_) {
        EXPECT_TRUE(calls.contains(session)) << session << " was answered 200 and is lost";
        EXPECT_TRUE(accepted.contains(session)) << session << " was never pushed";
    }
    for (auto const& [session, ids] : accepted)
        EXPECT_EQ(ids.size(), 1U) << session << " was pushed under several webhook ids";
}

// 21-2, 10-18: eight identical deliveries at once, one effect.
TEST_F(ApiCrash, IdenticalDeliveriesAtOnceAreOne) {
    start_api();
    auto const bot = make_bot();
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 8; ++i)
            clients.emplace_back([&] {
                http_caller own;
                if (post_result(own, full_result("same-1", bot)).status == 200) ++good;
            });
    }
    EXPECT_EQ(good, 8);
    ASSERT_TRUE(call_becomes("same-1", "push_state", {"delivered"}));
    EXPECT_EQ(crm.attempts().size(), 1U);
}

// 20-38: the skeleton written by a config answer survives.
TEST_F(ApiCrash, SkeletonOfAConfigSurvives) {
    start_api();
    auto const bot = make_bot();
    auto const config = as_core(
        "GET", api_url + "/api/v1/config/" + bot +
                   "?caller_id=%2B919876543210&fetch_id=" + "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10");
    kill_api();
    ASSERT_EQ(config.status, 200) << config.text;
    start_api();
    auto const call = call_of(std::string(wire::text_at(config.body, "session_id")));
    EXPECT_EQ(wire::text_at(call, "status"), "active");
}

}  // namespace
}  // namespace cxb::e2e
