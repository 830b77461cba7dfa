// The conformance suite of `ephemeral_store`, on each engine.
#include "cxb/store/ephemeral_store.hpp"

#include <cmath>
#include <limits>
#include <thread>

#include "cxb/testing/fake_clock.hpp"
#include "store/shared_state.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using test::run;

class EphemeralStore : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        if (GetParam() == "memory") {
            store_ = std::make_unique<memory_ephemeral_store>(real_clock());
            return;
        }
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
        server_ = std::make_unique<test::redis_server>();
        auto const url = GetParam() == "redis_tcp" ? server_->tcp_url(3) : server_->unix_url();
        store_ = std::make_unique<redis_ephemeral_store>(make_pool(url));
        ASSERT_TRUE(test::eventually([&] { return run(store_->ping()).has_value(); }));
    }
    std::string held(std::string const& key) {
        auto const got = run(store_->get(key)).value();
        return got ? *got : "(none)";
    }
    bool swap(std::optional<std::string> expected, std::string value) {
        return run(store_->compare_and_set("k", std::move(expected), std::move(value), 1min))
            .value();
    }

    std::unique_ptr<test::redis_server> server_;
    std::unique_ptr<ephemeral_store> store_;
};

TEST_P(EphemeralStore, KeysHoldAnyBytesUntilTheirEnd) {
    std::string const bytes("a\0\r\n\xff", 5);
    EXPECT_EQ(held("k"), "(none)");
    ASSERT_TRUE(run(store_->put("k", bytes, 1min)));
    EXPECT_EQ(held("k"), bytes);
    ASSERT_TRUE(run(store_->put("k", "", 1min)));
    EXPECT_EQ(held("k"), "");
    ASSERT_TRUE(run(store_->put("k", "short", 1ms)));
    EXPECT_TRUE(test::eventually([&] { return held("k") == "(none)"; }));
}

TEST_P(EphemeralStore, ComparesAndSets) {
    EXPECT_FALSE(swap("a", "b"));
    EXPECT_TRUE(swap(std::nullopt, "a"));
    EXPECT_FALSE(swap(std::nullopt, "c"));
    EXPECT_FALSE(swap("x", "c"));
    EXPECT_TRUE(swap("a", "b"));
    EXPECT_EQ(held("k"), "b");
    EXPECT_FALSE(run(store_->compare_and_remove("k", "a")).value());
    EXPECT_TRUE(run(store_->compare_and_remove("k", "b")).value());
    EXPECT_FALSE(run(store_->compare_and_remove("k", "b")).value());
    EXPECT_TRUE(swap(std::nullopt, ""));
    EXPECT_TRUE(swap("", "d"));
}

TEST_P(EphemeralStore, CountersEndAndDoNotMoveTheirEnd) {
    EXPECT_EQ(run(store_->add("n", 2, 1min)).value(), 2);
    EXPECT_EQ(run(store_->add("n", -5, 1ms)).value(), -3);
    EXPECT_EQ(run(store_->add("n", 0, 1ms)).value(), -3);
    ASSERT_TRUE(run(store_->add("m", 1, 1ms)));
    EXPECT_TRUE(test::eventually([&] { return held("m") == "(none)"; }));
    EXPECT_EQ(held("n"), "-3");
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    ASSERT_TRUE(run(store_->add("big", most, 1min)));
    EXPECT_EQ(run(store_->add("big", 1, 1min)).error().code(), errc::invalid);
    ASSERT_TRUE(run(store_->put("text", "abc", 1min)));
    EXPECT_EQ(run(store_->add("text", 1, 1min)).error().code(), errc::invalid);
}

TEST_P(EphemeralStore, BucketsAreEmptiedAndFillAgain) {
    bucket_rate const slow{0.01, 3};
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(run(store_->take_token("b", slow)).value().taken);
    auto const refused = run(store_->take_token("b", slow)).value();
    EXPECT_FALSE(refused.taken);
    EXPECT_LT(refused.tokens, 1);
    EXPECT_TRUE(run(store_->take_token("other", slow)).value().taken);
    // A faster rate counts from now on.
    EXPECT_TRUE(
        test::eventually([&] { return run(store_->take_token("b", {1000, 3})).value().taken; }));
    bucket_rate const fast{1000, 2};
    EXPECT_TRUE(run(store_->take_token("f", fast)).value().taken);
    EXPECT_TRUE(
        test::eventually([&] { return run(store_->take_token("f", fast)).value().tokens > 0.99; }));
    // A smaller burst takes what is above it.
    EXPECT_TRUE(run(store_->take_token("s", {0.01, 50})).value().taken);
    EXPECT_EQ(run(store_->take_token("s", {0.01, 5})).value().tokens, 4);
}

TEST_P(EphemeralStore, KindsAreNotMixed) {
    ASSERT_TRUE(run(store_->take_token("b", {0.01, 3})));
    EXPECT_EQ(run(store_->get("b")).error().code(), errc::invalid);
    EXPECT_EQ(run(store_->add("b", 1, 1min)).error().code(), errc::invalid);
    EXPECT_EQ(run(store_->compare_and_set("b", "x", "y", 1min)).error().code(), errc::invalid);
    ASSERT_TRUE(run(store_->put("b", "text", 1min)));
    EXPECT_EQ(held("b"), "text");
    EXPECT_EQ(run(store_->take_token("b", {1, 1})).error().code(), errc::invalid);
}

TEST_P(EphemeralStore, BoundsAreKept) {
    std::string const key(limits::ephemeral_key, 'k');
    std::string const value(limits::ephemeral_value, 'v');
    ASSERT_TRUE(run(store_->put(key, value, limits::ephemeral_keep)));
    EXPECT_EQ(held(key), value);
    auto const refused = [&](std::string k, std::string v, milliseconds keep) {
        return run(store_->put(std::move(k), std::move(v), keep)).error().code() == errc::invalid;
    };
    EXPECT_TRUE(refused(key + "k", "v", 1min));
    EXPECT_TRUE(refused("", "v", 1min));
    EXPECT_TRUE(refused("k", value + "v", 1min));
    EXPECT_TRUE(refused("k", "v", 0ms));
    EXPECT_TRUE(refused("k", "v", limits::ephemeral_keep + 1ms));
    for (auto const rate : {bucket_rate{0, 1}, bucket_rate{1, 0}, bucket_rate{2e6, 1},
                            bucket_rate{1, 2e6}, bucket_rate{std::nan(""), 1}})
        EXPECT_EQ(run(store_->take_token("b", rate)).error().code(), errc::invalid);
}

TEST_P(EphemeralStore, ManyAtOnceCountEachOther) {
    constexpr int threads = 4;
    constexpr int each = 50;
    std::atomic<int> taken{0};
    std::atomic<int> first{0};
    {
        std::vector<std::jthread> all;
        for (int t = 0; t < threads; ++t)
            all.emplace_back([&] {
                std::vector<async<bucket_state>> tries;
                std::vector<async<std::int64_t>> sums;
                for (int i = 0; i < each; ++i) {
                    tries.push_back(store_->take_token("b", {0.01, 70}));
                    sums.push_back(store_->add("n", 1, 1min));
                }
                for (auto const& got : test::run_all(std::move(tries)))
                    taken += got.value().taken ? 1 : 0;
                (void)test::run_all(std::move(sums));
                first += run(store_->compare_and_set("lock", std::nullopt, "me", 1min)).value();
            });
    }
    EXPECT_EQ(taken, 70);
    EXPECT_EQ(first, 1);
    EXPECT_EQ(held("n"), std::to_string(threads * each));
}

TEST_P(EphemeralStore, ClosedItSaysSo) {
    store_->close();
    store_->close();
    EXPECT_EQ(run(store_->get("k")).error().code(), errc::unavailable);
    EXPECT_EQ(run(store_->ping()).error().code(), errc::unavailable);
}

INSTANTIATE_TEST_SUITE_P(Engines, EphemeralStore,
                         ::testing::Values("memory", "redis_unix", "redis_tcp"),
                         [](auto const& info) { return info.param; });

// The nearest end goes first, and what is full again is forgotten.
TEST(MemoryEphemeralStore, HoldsABoundedNumberOfKeys) {
    testing::fake_clock time;
    memory_ephemeral_store store(time, 2);
    ASSERT_TRUE(run(store.put("long", "1", 2min)));
    ASSERT_TRUE(run(store.put("short", "2", 1min)));
    ASSERT_TRUE(run(store.put("new", "3", 1s)));
    EXPECT_EQ(store.size(), 2U);
    EXPECT_FALSE(run(store.get("short")).value());
    EXPECT_EQ(run(store.get("new")).value(), "3");
    time.advance(1s);
    EXPECT_FALSE(run(store.get("new")).value());
    EXPECT_EQ(store.size(), 1U);
    EXPECT_EQ(limits::ephemeral_keys, 100'000U);
}

}  // namespace
}  // namespace cxb::store
