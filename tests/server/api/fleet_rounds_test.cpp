// Rounds of probes and reservations of one process and of two (spec 21 §5).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "server/api/fleet_kit.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using answer = testing::scripted_transport::answer;

constexpr char const* a_host = "http://10.0.0.1";
constexpr char const* other_host = "http://10.0.0.2";

struct FleetRounds : FleetTest {
    // Answers by the host's URL; one that is not named never answers.
    void answer_by(std::map<std::string, int> available) {
        for (int i = 0; i < 100; ++i)
            hosts.respond_later(
                [this, available](client::outgoing_request request) -> asio::awaitable<answer> {
                    for (auto const& [url, slots] : available)
                        if (request.url.starts_with(url + "/")) co_return fleet_health(slots);
                    asio::steady_timer never(co_await asio::this_coro::executor, 1h);
                    while (!released) {
                        never.expires_after(5ms);
                        co_await never.async_wait(asio::use_awaitable);
                    }
                    co_return fleet_health(1);
                });
    }
    static asio::awaitable<void> ask(fleet_service& fleet) {
        auto const got = co_await fleet.states();
        EXPECT_TRUE(got);
    }
    std::string reserved_at(fleet_service& fleet) {
        auto const got = run(fleet.reserve());
        EXPECT_TRUE(got) << got.error().to_log_text();
        return got && *got ? (*got)->url : "none";
    }

    std::atomic<bool> released{false};
};

TEST_F(FleetRounds, OneThatDoesNotAnswerHoldsNobodyUpForLong) {
    answer_by({{a_host, 5}});
    auto const fleet = fleet_of({other_host, a_host}, {.after_first_answer = 20ms});
    auto const began = std::chrono::steady_clock::now();
    EXPECT_EQ(reserved_at(*fleet), a_host);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 15s) << "its own time is 20 s";
    auto const status = run(fleet->status()).value();
    auto const& silent = status.at("workers").at(0).as_object();
    EXPECT_EQ(wire::text_at(silent, "url"), other_host) << "in list order";
    EXPECT_EQ(wire::text_at(silent, "status"), "unreachable");
    EXPECT_EQ(wire::text_at(silent, "reason"), "timeout");
    released = true;
}

TEST_F(FleetRounds, AFullHostIsNoUsableAnswer) {
    answer_by({{a_host, 0}});
    auto const fleet = fleet_of({a_host, other_host}, {.after_first_answer = 0ms});
    std::jthread later([&] {
        EXPECT_TRUE(cxb::test::eventually([&] { return asked("/health/fleet") == 2; }));
        released = true;
    });
    EXPECT_EQ(reserved_at(*fleet), other_host);
}

TEST_F(FleetRounds, ParallelQuestionsShareOneRoundAndAYoungOneIsReused) {
    answer_by({{a_host, 9}, {other_host, 9}});
    auto const fleet = fleet_of({a_host, other_host}, {.snapshot_max_age = 1000ms});
    loops.run_and_wait([](fleet_service& at) -> asio::awaitable<void> {
        auto const executor = co_await asio::this_coro::executor;
        asio::steady_timer ended(executor, asio::steady_timer::time_point::max());
        int open = 10;
        for (int i = 0; i < 10; ++i)
            asio::co_spawn(executor, ask(at), [&](std::exception_ptr const&) {
                if (--open == 0) ended.cancel();
            });
        boost::system::error_code ignored;
        co_await ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }(*fleet));
    EXPECT_EQ(asked("/health/fleet"), 2U);
    time.advance(999ms);
    EXPECT_TRUE(run(fleet->states()));
    EXPECT_EQ(asked("/health/fleet"), 2U);
    time.advance(1ms);
    EXPECT_TRUE(run(fleet->states()));
    EXPECT_EQ(asked("/health/fleet"), 4U);
}

// Two processes on one store; who crashes gives nothing back.
TEST_F(FleetRounds, WhatACrashLeavesIsFreeAfterFifteenSeconds) {
    answer_by({{a_host, 1}});
    auto const crashed = fleet_of({a_host}, {.snapshot_max_age = 0ms});
    auto const alive = fleet_of({a_host}, {.snapshot_max_age = 0ms});
    EXPECT_EQ(reserved_at(*crashed), a_host);
    EXPECT_EQ(reserved_at(*alive), "none");
    time.advance(domain::reservation_lifetime - 1ms);
    EXPECT_EQ(reserved_at(*alive), "none");
    time.advance(1ms);
    EXPECT_EQ(reserved_at(*alive), a_host);
}

TEST_F(FleetRounds, ARenewedHoldStaysAndAReleasedOneIsFreeAtOnce) {
    answer_by({{a_host, 1}});
    auto const mine = fleet_of({a_host}, {.snapshot_max_age = 0ms});
    auto const other = fleet_of({a_host}, {.snapshot_max_age = 0ms});
    auto const held = run(mine->reserve()).value();
    ASSERT_TRUE(held);
    for (int i = 0; i < 12; ++i) {
        time.advance(domain::reservation_renewal);
        ASSERT_TRUE(run(mine->renew(*held)));
        EXPECT_EQ(reserved_at(*other), "none");
    }
    ASSERT_TRUE(run(mine->release(*held)));
    EXPECT_EQ(reserved_at(*other), a_host);
}

// The host said one slot is free before it took the call, and may say so once more.
TEST_F(FleetRounds, AnAcceptedCallCountsUntilTheHostCanKnowIt) {
    answer_by({{a_host, 1}});
    auto const mine = fleet_of({a_host}, {.snapshot_max_age = 0ms});
    auto const other = fleet_of({a_host}, {.snapshot_max_age = 0ms});
    auto const held = run(mine->reserve()).value();
    ASSERT_TRUE(held);
    ASSERT_TRUE(run(mine->accept(*held)));
    time.advance(domain::probe_blindness - 1ms);
    EXPECT_EQ(reserved_at(*other), "none");
    time.advance(1ms);
    EXPECT_EQ(reserved_at(*other), a_host) << "what it says now, it says of the time after";
}

TEST_F(FleetRounds, WithoutHostsAllIsZero) {
    auto const fleet = fleet_of({});
    EXPECT_EQ(wire::to_text(run(fleet->status()).value()),
              R"({"total_capacity":0,"active_calls":0,"available":0,"workers":[]})");
}

}  // namespace
}  // namespace cxb::api::test
