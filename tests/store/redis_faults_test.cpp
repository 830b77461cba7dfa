// Redis goes away, comes back, stands still: nobody waits long, and everybody is told.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cxb/testing/fake_clock.hpp"
#include "store/shared_state.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using test::run;

class RedisFaults : public ::testing::Test {
  protected:
    void SetUp() override {
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
        server_ = std::make_unique<test::redis_server>();
        redis_options options;
        options.longest_wait = 200ms;
        options.on_change = [this](bool up, std::string const&) { ++(up ? ups_ : downs_); };
        pool_ = make_pool(server_->unix_url(), options);
        store_ = std::make_unique<redis_ephemeral_store>(pool_);
        bus_ = redis_event_bus::open(pool_).value();
        ASSERT_TRUE(connected());
    }
    void TearDown() override {
        if (bus_) bus_->close();
    }
    bool connected() {
        return test::eventually(
            [&] { return bus_->connected() && run(store_->ping()).has_value(); });
    }
    static std::chrono::milliseconds took(std::function<void()> const& what) {
        auto const began = std::chrono::steady_clock::now();
        what();
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
    }

    std::atomic<int> ups_{0};
    std::atomic<int> downs_{0};
    std::unique_ptr<test::redis_server> server_;
    std::shared_ptr<redis_pool> pool_;
    std::unique_ptr<redis_ephemeral_store> store_;
    std::unique_ptr<redis_event_bus> bus_;
};

TEST_F(RedisFaults, KilledAndBackAllGoesOn) {
    heard who;
    bus_->subscribe("bots", who.listener());
    ASSERT_TRUE(test::eventually([&] { return who.missed() == 1; }));
    ASSERT_TRUE(run(store_->put("k", "v", 1min)));
    server_->kill();
    ASSERT_TRUE(test::eventually([&] { return !run(store_->ping()).has_value(); }));
    ASSERT_TRUE(test::eventually([&] { return !pool_->connected(); }));
    auto const refused = run(store_->get("k"));
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_FALSE(pool_->last_fault().empty());
    EXPECT_EQ(bus_->publish("bots", {{"n", 1}}).error().code(), errc::unavailable);
    EXPECT_EQ(bus_->counters().lost, 1U);
    server_->start();
    ASSERT_TRUE(connected());
    // Told to reload, because news may have been lost meanwhile; then it hears again.
    ASSERT_TRUE(test::eventually([&] { return who.missed() == 2; }));
    ASSERT_TRUE(bus_->publish("bots", {{"n", 2}}));
    ASSERT_TRUE(test::eventually([&] { return who.texts().size() == 1; }));
    EXPECT_EQ(who.texts().front(), "bots {\"n\":2}");
    EXPECT_FALSE(run(store_->get("k")).value()) << "what it held is gone";
    EXPECT_GE(downs_, 1);
    EXPECT_GE(ups_, 2);
    EXPECT_GE(store_->counters().failures, 2U);
    EXPECT_GE(store_->counters().connects, 2U);
}

TEST_F(RedisFaults, StandingStillItHoldsNobodyUp) {
    heard who;
    bus_->subscribe("bots", who.listener());
    ASSERT_TRUE(test::eventually([&] { return who.missed() == 1; }));
    server_->pause();
    // The first callers wait for the silence to be noticed, those after them not at all.
    for (int i = 0; i < 4; ++i) {
        auto const wait = took([&] { EXPECT_FALSE(run(store_->get("k")).has_value()); });
        EXPECT_LT(wait, 2 * limits::redis_command + 200ms);
    }
    ASSERT_TRUE(test::eventually([&] { return !pool_->connected(); }));
    EXPECT_LT(took([&] { EXPECT_FALSE(run(store_->get("k")).has_value()); }), 100ms);
    EXPECT_FALSE(bus_->connected());
    // Longer than the hearing link bears silence.
    auto const end = std::chrono::steady_clock::now() + 2500ms;
    (void)test::eventually([&] { return std::chrono::steady_clock::now() >= end; });
    server_->go_on();
    ASSERT_TRUE(connected());
    ASSERT_TRUE(test::eventually([&] { return who.missed() >= 2; }));
    EXPECT_TRUE(run(store_->put("k", "v", 1min)));
}

TEST_F(RedisFaults, APausedRedisMayCarryOutWhatWasSent) {
    server_->pause();
    auto const sent = run(store_->add("n", 1, 1min));
    EXPECT_EQ(sent.error().code(), errc::deadline_exceeded);
    server_->go_on();
    ASSERT_TRUE(connected());
    EXPECT_TRUE(test::eventually([&] { return run(store_->get("n")).value() == "1"; }));
}

TEST_F(RedisFaults, TheQueueIsBounded) {
    server_->pause();
    // Each connection takes one command and waits; the rest stands in the queue.
    std::atomic<int> ended{0};
    std::size_t taken = 0;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < limits::redis_queue + 10 * limits::redis_pipeline; ++i)
        ++(pool_->post({"PING"}, [&](result<redis_reply> const&) { ++ended; }) ? taken : refused);
    EXPECT_GE(taken, limits::redis_queue);
    EXPECT_GT(refused, 0U);
    server_->go_on();
    EXPECT_TRUE(test::eventually([&] { return ended == static_cast<int>(taken); }));
}

TEST_F(RedisFaults, EndingWhileRedisIsAwayTakesNoTime) {
    server_->kill();
    EXPECT_LT(took([&] { bus_->close(); }), 2s);
}

TEST(RedisLogin, PasswordsAreSentAndNeverTold) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    std::string const password = "s3cret-s3cret-s3cret";
    test::redis_server server({}, password);
    redis_ephemeral_store good(make_pool(server.tcp_url()));
    EXPECT_TRUE(test::eventually([&] { return run(good.ping()).has_value(); }));
    auto url = server.tcp_url();
    url.replace(url.find(password), password.size(), "other");
    auto const pool = make_pool(url);
    ASSERT_TRUE(test::eventually([&] { return !pool->last_fault().empty(); }));
    EXPECT_EQ(pool->last_fault(), "WRONGPASS");
    EXPECT_FALSE(pool->connected());
    auto const none = redis_link::connect(
        parse_redis_url("redis://" + url.substr(url.find('@') + 1)).value(), 1s, 1s);
    EXPECT_EQ(none.error().code(), errc::unauthenticated);
    EXPECT_EQ(none.error().to_log_text().find("s3cret"), std::string::npos);
    EXPECT_EQ(server.ask({"ACL", "SETUSER", "cxb", "on", ">a:b@c", "~*", "&*", "+@all"}), "OK\n");
    auto const port = server.tcp_url().substr(server.tcp_url().rfind(':'));
    EXPECT_TRUE(redis_link::connect(
        parse_redis_url("redis://cxb:a%3Ab%40c@127.0.0.1" + port).value(), 1s, 1s));
}

TEST(RedisLogin, DatabasesPartKeysAndNews) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    test::redis_server server;
    redis_ephemeral_store zero(make_pool(server.tcp_url(0)));
    redis_ephemeral_store one(make_pool(server.tcp_url(1)));
    ASSERT_TRUE(test::eventually([&] { return run(zero.put("k", "0", 1min)).has_value(); }));
    ASSERT_TRUE(test::eventually([&] { return run(one.put("k", "1", 1min)).has_value(); }));
    EXPECT_EQ(run(zero.get("k")).value(), "0");
    auto const bus0 = redis_event_bus::open(make_pool(server.tcp_url(0))).value();
    auto const bus1 = redis_event_bus::open(make_pool(server.tcp_url(1))).value();
    heard in0;
    heard in1;
    bus0->subscribe("t", in0.listener());
    bus1->subscribe("t", in1.listener());
    ASSERT_TRUE(test::eventually([&] { return in0.missed() == 1 && in1.missed() == 1; }));
    ASSERT_TRUE(test::eventually([&] { return bus1->publish("t", {{"n", 1}}).has_value(); }));
    ASSERT_TRUE(test::eventually([&] { return in1.texts().size() == 1; }));
    EXPECT_TRUE(in0.texts().empty());
    // What others publish there and is no news of ours does no harm.
    EXPECT_EQ(server.ask({"PUBLISH", "cxb:1:t", "no json"}), "1\n");
    EXPECT_TRUE(test::eventually([&] { return bus1->counters().lost == 1; }));
    EXPECT_FALSE(redis_link::connect(parse_redis_url(server.tcp_url(99)).value(), 1s, 1s));
}

// One link serves while the other tries in vain to come up; no command is forgotten between them.
TEST(RedisLinks, OneOfTwoIsEnough) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_redis_server());
    test::redis_server server;
    ASSERT_EQ(server.ask({"CONFIG", "SET", "maxclients", "1"}), "OK\n");
    redis_options options;
    options.longest_wait = 20ms;
    auto const pool = make_pool(server.unix_url(), options);
    ASSERT_TRUE(pool->wait_connected(10s));
    ASSERT_TRUE(test::eventually([&] { return !pool->last_fault().empty(); }));
    std::atomic<int> ended{0};
    for (int i = 1; i <= 300; ++i) {
        ASSERT_TRUE(pool->post({"PING"}, [&](result<redis_reply> const&) { ++ended; }));
        ASSERT_TRUE(test::eventually([&] { return ended == i; })) << i;
    }
    EXPECT_EQ(pool->failures(), 0U);
    EXPECT_EQ(pool->connects(), 1U);
}

// A host that lets connections wait, as one behind a firewall does.
TEST(RedisLogin, ConnectingTakesNoLongerThanItsLimit) {
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener, raw, size), 0);
    ASSERT_EQ(::getsockname(listener, raw, &size), 0);
    ASSERT_EQ(::listen(listener, 0), 0);
    std::vector<int> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        (void)::connect(waiting.back(), raw, size);
    }
    redis_address to;
    to.host = "127.0.0.1";
    to.port = ntohs(address.sin_port);
    auto const began = std::chrono::steady_clock::now();
    EXPECT_EQ(redis_link::connect(to, 200ms, 100ms).error().code(), errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, limits::redis_connect);
    for (int const each : waiting)
        ::close(each);
    ::close(listener);
}

TEST(RedisBackOff, DoublesUpToItsBoundWithJitter) {
    seeded_random random(7);
    redis_back_off back_off(limits::redis_first_wait, limits::redis_longest_wait);
    auto expected = limits::redis_first_wait;
    for (int i = 0; i < 40; ++i) {
        auto const wait = back_off.next(random);
        EXPECT_GE(wait, expected / 2);
        EXPECT_LE(wait, expected);
        expected = std::min(expected * 2, limits::redis_longest_wait);
    }
    back_off.reset();
    EXPECT_LE(back_off.next(random), limits::redis_first_wait);
}

TEST(RedisAddress, ReadsItsForms) {
    auto const full = parse_redis_url("redis://u%40:p%3A%2F@cache.example:6380/5").value();
    EXPECT_EQ(full.host, "cache.example");
    EXPECT_EQ(full.port, 6380);
    EXPECT_EQ(full.user, "u@");
    EXPECT_EQ(full.password.reveal(), "p:/");
    EXPECT_EQ(full.db, 5);
    auto const plain = parse_redis_url("redis://10.0.0.1").value();
    EXPECT_EQ(plain.port, 6379);
    EXPECT_TRUE(plain.password.empty());
    EXPECT_EQ(parse_redis_url("redis://[::1]:7000/").value().host, "::1");
    EXPECT_EQ(parse_redis_url("redis://[::1]").value().port, 6379);
    EXPECT_EQ(parse_redis_url("redis://:p@h").value().password.reveal(), "p");
    auto const local = parse_redis_url("unix://:p@/run/r%20x.sock?db=2").value();
    EXPECT_EQ(local.path, "/run/r x.sock");
    EXPECT_EQ(local.db, 2);
}

TEST(RedisAddress, RefusesOthersWithAReason) {
    for (char const* url : {"",
                            "http://h",
                            "redis:",
                            "redis://",
                            "redis://h:0",
                            "redis://h:65536",
                            "redis://h:x",
                            "redis://h/x",
                            "redis://h/1024",
                            "redis://h/-1",
                            "redis://p@h",
                            "redis://u:@h",
                            "redis://u:%zz@h",
                            "redis://h?db=1",
                            "redis://[::1",
                            "redis://[::1]x",
                            "unix://rel",
                            "unix:///p?x=1",
                            "unix:///p?db=x",
                            "redis://:6379"})
        EXPECT_EQ(parse_redis_url(url).error().code(), errc::invalid) << url;
    EXPECT_FALSE(parse_redis_url("unix:///" + std::string(107, 'p')));
    auto const tls = parse_redis_url("rediss://:hidden@h").error();
    EXPECT_NE(tls.detail().find("no TLS"), std::string::npos);
    EXPECT_EQ(tls.to_log_text().find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace cxb::store
