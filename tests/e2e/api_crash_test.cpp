// kill -9 of the API: what was answered 200 is there after the restart and reaches the CRM under
// one webhook id.
#include <atomic>
#include <thread>

#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

class ApiCrash : public installation {};

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
