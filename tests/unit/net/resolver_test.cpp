#include "cxb/net/resolver.hpp"

#include <gtest/gtest.h>
#include <netdb.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <condition_variable>

#include "tests/unit/net/net_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::net_test;

using found = result<std::vector<domain::ip_address>>;

/// Names that begin with `slow` are answered once the gate is open, the others at once.
class Resolver : public ::testing::Test {
  protected:
    ~Resolver() override {
        open();
        loops.stop();
    }

    std::shared_ptr<net::resolver> make(unsigned threads) {
        loops.start();
        return net::pooled_resolver(
            [this](std::string const& host) -> found {
                std::unique_lock lock(mutex);
                ++asked;
                if (host == "none.test") return error{errc::unavailable};
                if (host.starts_with("slow")) changed.wait(lock, [this] { return opened; });
                return std::vector{*domain::ip_address::parse("192.0.2.1")};
            },
            threads);
    }
    void open() {
        std::lock_guard const lock(mutex);
        opened = true;
        changed.notify_all();
    }
    int questions() {
        std::lock_guard const lock(mutex);
        return asked;
    }
    found ask(std::shared_ptr<net::resolver> const& names, std::string host) {
        std::optional<found> out;
        loops.run_and_wait(keep(names, std::move(host), out));
        return *std::move(out);
    }
    void ask_aside(std::shared_ptr<net::resolver> const& names, std::string host) {
        loops.spawn(0, count(names, std::move(host)));
    }

    static asio::awaitable<void> keep(std::shared_ptr<net::resolver> names, std::string host,
                                      std::optional<found>& out) {
        out.emplace(co_await names->resolve(std::move(host)));
    }

    net::event_loops loops{1};
    std::atomic<int> answered{0};
    std::atomic<int> refused{0};

  private:
    asio::awaitable<void> count(std::shared_ptr<net::resolver> names, std::string host) {
        auto const got = co_await names->resolve(std::move(host));
        if (!got) EXPECT_EQ(got.error().reason(), "resolve_queue_full");
        ++(got ? answered : refused);
    }
    std::mutex mutex;
    std::condition_variable changed;
    int asked = 0;
    bool opened = false;
};

TEST_F(Resolver, ASilentNameHoldsUpNobodyElse) {
    auto const names = make(2);
    for (int i = 0; i < 20; ++i)
        ask_aside(names, "slow.test");
    EXPECT_TRUE(eventually([&] { return questions() == 1; }));
    EXPECT_EQ(ask(names, "crm.test")->front().to_text(), "192.0.2.1");
    EXPECT_EQ(ask(names, "none.test").error().code(), errc::unavailable);
    EXPECT_EQ(answered, 0);
    open();
    EXPECT_TRUE(eventually([&] { return answered == 20; }));
    EXPECT_EQ(questions(), 3);  // who asked for the same name shared the answer
    EXPECT_TRUE(ask(names, "slow.test"));
    EXPECT_EQ(questions(), 4);  // nothing is cached
}

TEST_F(Resolver, ALoopMayGoWhileItsQuestionIsOpen) {
    auto const names = make(1);
    {
        asio::io_context own;
        std::optional<found> never;
        asio::co_spawn(own, keep(names, "slow.test", never), asio::detached);
        EXPECT_TRUE(eventually([&] {
            own.poll();
            return questions() == 1;
        }));
        EXPECT_FALSE(never);
    }
    open();
    EXPECT_TRUE(ask(names, "slow.test"));
}

TEST_F(Resolver, NamesAtOnceAreBounded) {
    auto const names = make(1);
    for (int i = 0; i < 257; ++i)
        ask_aside(names, "slow" + std::to_string(i));
    EXPECT_TRUE(eventually([&] { return refused == 1; }));
    open();
    EXPECT_TRUE(eventually([&] { return answered == 256; }));
}

TEST_F(Resolver, TheSystemKnowsItself) {
    loops.start();
    auto const names = net::system_resolver();
    auto const number = ask(names, "127.0.0.1");
    ASSERT_TRUE(number);
    ASSERT_EQ(number->size(), 1U);
    EXPECT_EQ(number->front().to_text(), "127.0.0.1");
    EXPECT_EQ(ask(names, "no-such-name.invalid").error().reason(), "resolve_failed");
    // A minimal machine has no /etc/hosts.
    addrinfo* known = nullptr;
    bool const knows_itself = ::getaddrinfo("localhost", nullptr, nullptr, &known) == 0;
    if (known != nullptr) ::freeaddrinfo(known);
    auto const here = ask(names, "localhost");
    ASSERT_EQ(here.has_value(), knows_itself);
    if (here) {
        EXPECT_FALSE(here->empty());
    }
}

}  // namespace
