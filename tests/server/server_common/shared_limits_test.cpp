// Rate limits over several processes (spec 20 §3.1): shared while Redis answers, each process for
// itself while it does not.
#include <gtest/gtest.h>

#include "cxb/store/redis/redis_ephemeral_store.hpp"
#include "server/common/async/contention.hpp"
#include "server/common/http/rate_limiter.hpp"
#include "store/run_awaitable.hpp"
#include "support/redis_server.hpp"
#include "support/required.hpp"

namespace cxb::server {
namespace {

using namespace std::chrono_literals;

class SharedLimits : public ::testing::Test {
  protected:
    void SetUp() override {
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
        server = std::make_unique<test::redis_server>();
        for (auto* each : {&here, &there}) {
            store::redis_options options;
            options.address = store::parse_redis_url(server->unix_url()).value();
            each->pool = std::make_shared<store::redis_pool>(options);
            ASSERT_TRUE(each->pool->wait_connected(10s));
            each->shared = std::make_unique<store::redis_ephemeral_store>(each->pool);
            each->limiter = std::make_unique<rate_limiter>(each->shared.get());
        }
        who.kind = principal_kind::api_key;
        who.id = "k1";
        who.rate_limit_per_second = 1;
    }
    struct process {
        std::shared_ptr<store::redis_pool> pool;
        std::unique_ptr<store::redis_ephemeral_store> shared;
        std::unique_ptr<rate_limiter> limiter;
    };
    domain::rate_verdict take(process& at) {
        return test::run(
                   at.limiter->take(rate_class::by_caller, who, "127.0.0.1", real_clock().steady()))
            .value();
    }

    std::unique_ptr<test::redis_server> server;
    process here;
    process there;
    principal who;
};

TEST_F(SharedLimits, ABucketIsOneForAllProcesses) {
    EXPECT_EQ(take(here).remaining, 1);
    auto const last = take(there);
    EXPECT_TRUE(last.allowed);
    EXPECT_EQ(last.limit, 2);
    EXPECT_EQ(last.remaining, 0);
    for (auto* each : {&here, &there}) {
        auto const refused = take(*each);
        EXPECT_FALSE(refused.allowed);
        EXPECT_EQ(refused.retry_after, 1s);
        EXPECT_EQ(refused.reset, 2s);
    }
    who.id = "k2";
    EXPECT_TRUE(take(there).allowed);
    who.kind = principal_kind::core;
    EXPECT_FALSE(test::run(here.limiter->take(rate_class::by_caller, who, "127.0.0.1", 0s)));
}

TEST_F(SharedLimits, WithoutRedisEachProcessKeepsItsOwn) {
    (void)take(here);
    (void)take(here);
    EXPECT_FALSE(take(there).allowed);
    server->kill();
    // Its own bucket begins full, and is limited all the same.
    int allowed = 0;
    for (int i = 0; i < 5; ++i)
        allowed += take(there).allowed ? 1 : 0;
    EXPECT_GE(allowed, 2);
    EXPECT_LE(allowed, 3);
    server->start();
    // Shared again once both have noticed; a bucket of its own for each look.
    int looks = 0;
    EXPECT_TRUE(test::eventually([&] {
        who.id = "again-" + std::to_string(++looks);
        return take(here).remaining == 1 && take(there).remaining == 0;
    }));
}

TEST(ContentionPause, IsShortAndGrowsToItsBound) {
    seeded_random random(1);
    for (int attempt : {0, 1, 20}) {
        auto const began = std::chrono::steady_clock::now();
        test::run([](int n, random_source& chance) -> boost::asio::awaitable<bool> {
            co_await contention_pause(n, chance);
            co_return true;
        }(attempt, random));
        auto const took = std::chrono::steady_clock::now() - began;
        EXPECT_LT(took, longest_contention_pause + 1s);
    }
}

}  // namespace
}  // namespace cxb::server
