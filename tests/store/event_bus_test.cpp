// The conformance suite of `event_bus`, on each engine.
#include "cxb/store/event_bus.hpp"

#include "store/shared_state.hpp"

namespace cxb::store {
namespace {

using words = std::vector<std::string>;

class EventBus : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        if (GetParam() == "memory") {
            bus_ = std::make_unique<memory_event_bus>();
            return;
        }
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
        server_ = std::make_unique<test::redis_server>();
        auto const url = GetParam() == "redis_tcp" ? server_->tcp_url(3) : server_->unix_url();
        bus_ = redis_event_bus::open(make_pool(url)).value();
        ASSERT_TRUE(test::eventually([&] { return bus_->connected(); }));
    }
    // From when on it hears.
    void settle(heard const& who, int missed = 1) {
        if (GetParam() != "memory")
            ASSERT_TRUE(test::eventually([&] { return who.missed() == missed; }));
    }

    std::unique_ptr<test::redis_server> server_;
    std::unique_ptr<event_bus> bus_;
};

TEST_P(EventBus, AMessageReachesEachListenerOfItsTopicOnce) {
    heard first;
    heard second;
    heard other;
    bus_->subscribe("bots", first.listener());
    bus_->subscribe("bots", second.listener());
    bus_->subscribe("settings", other.listener());
    for (auto const* who : {&first, &second, &other})
        settle(*who);
    ASSERT_TRUE(bus_->publish("bots", {{"id", "b1"}, {"text", "a\"\n\u00e9"}}));
    ASSERT_TRUE(bus_->publish("settings", {{"version", 7}}));
    ASSERT_TRUE(test::eventually([&] { return !other.texts().empty(); }));
    words const bots{"bots {\"id\":\"b1\",\"text\":\"a\\\"\\n\u00e9\"}"};
    ASSERT_TRUE(test::eventually([&] { return second.texts() == bots; }));
    EXPECT_EQ(first.texts(), bots);
    EXPECT_EQ(other.texts(), words{"settings {\"version\":7}"});
    auto const sums = bus_->counters();
    EXPECT_EQ(sums.published, 2U);
    EXPECT_EQ(sums.received, 2U);
    EXPECT_EQ(sums.lost, 0U);
}

TEST_P(EventBus, AfterUnsubscribeNothingIsHeard) {
    heard gone;
    heard stays;
    auto const id = bus_->subscribe("bots", gone.listener());
    bus_->subscribe("bots", stays.listener());
    settle(gone);
    settle(stays);
    bus_->unsubscribe(id);
    ASSERT_TRUE(bus_->publish("bots", {{"n", 1}}));
    ASSERT_TRUE(test::eventually([&] { return stays.texts().size() == 1; }));
    EXPECT_TRUE(gone.texts().empty());
}

TEST_P(EventBus, BoundsAreKept) {
    EXPECT_EQ(bus_->publish("bots", {{"t", std::string(limits::event_body, 'x')}}).error().code(),
              errc::too_large);
    for (char const* topic : {"", "Bots", "a b", "a:b", "a*"})
        EXPECT_EQ(bus_->publish(topic, {}).error().code(), errc::invalid) << topic;
    EXPECT_EQ(bus_->publish(std::string(65, 'a'), {}).error().code(), errc::invalid);
    EXPECT_TRUE(bus_->publish(std::string(64, 'a'), {}));
}

TEST_P(EventBus, ClosedItTellsNobody) {
    heard who;
    bus_->subscribe("bots", who.listener());
    settle(who);
    bus_->close();
    bus_->close();
    EXPECT_EQ(bus_->publish("bots", {}).error().code(), errc::unavailable);
    EXPECT_FALSE(bus_->connected());
    EXPECT_TRUE(who.texts().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, EventBus, ::testing::Values("memory", "redis_unix", "redis_tcp"),
                         [](auto const& info) { return info.param; });

}  // namespace
}  // namespace cxb::store
