// Tickets of event streams: once, for 30 s, and at which instances.
#include "server/api/events/event_tickets.hpp"

#include <gtest/gtest.h>

#include "cxb/testing/fake_clock.hpp"
#include "store/run_awaitable.hpp"

namespace cxb::api {
namespace {

using namespace std::chrono_literals;
using cxb::test::run;
using cxb::test::run_all;

class EventTickets : public ::testing::Test {
  protected:
    static std::string why(result<user_session> const& got) {
        return got ? "taken" : got.error().detail();
    }
    static constexpr char const* refused = "Invalid or expired ticket";

    testing::fake_clock time;
    user_session const session{"65f000000000000000000001", 3, time.now() + 8h};
    store::memory_ephemeral_store shared{time};
    event_tickets alone{nullptr, time, system_random()};
    event_tickets a{&shared, time, system_random()};
    event_tickets b{&shared, time, system_random()};
};

TEST_F(EventTickets, ATicketStandsForItsSessionOnce) {
    for (auto* const tickets : {&alone, &a}) {
        auto const ticket = run(tickets->issue(session)).value();
        EXPECT_GE(ticket.size(), 43U);
        auto const got = run(tickets->take(ticket));
        ASSERT_TRUE(got) << got.error().to_log_text();
        EXPECT_EQ(got->user_id, session.user_id);
        EXPECT_EQ(got->version, session.version);
        EXPECT_EQ(got->expires, session.expires);
        EXPECT_EQ(why(run(tickets->take(ticket))), refused);
    }
}

TEST_F(EventTickets, OfManyWhoBringItOneGetsIn) {
    auto const ticket = run(a.issue(session)).value();
    std::vector<store::async<user_session>> tries;
    for (int i = 0; i < 20; ++i)
        tries.push_back((i % 2 == 0 ? a : b).take(ticket));
    auto const got = run_all(std::move(tries));
    EXPECT_EQ(std::ranges::count_if(got, [](auto const& one) { return one.has_value(); }), 1);
}

TEST_F(EventTickets, ATicketEnds) {
    for (auto* const tickets : {&alone, &a}) {
        auto const late = run(tickets->issue(session)).value();
        time.advance(event_tickets::life);
        EXPECT_EQ(why(run(tickets->take(late))), refused);
        auto const in_time = run(tickets->issue(session)).value();
        time.advance(event_tickets::life - 1ms);
        EXPECT_EQ(why(run(tickets->take(in_time))), "taken");
    }
}

TEST_F(EventTickets, WhatIsNoTicketIsRefused) {
    auto const ticket = run(a.issue(session)).value();
    for (std::string const& text : {std::string("x"), ticket + "x", ticket.substr(1),
                                    std::string(128, 'A'), std::string("ticket:")}) {
        auto const got = run(a.take(text));
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().code(), errc::unauthenticated);
    }
    EXPECT_EQ(why(run(a.take(ticket))), "taken");
}

TEST_F(EventTickets, ASharedStoreLetsEveryInstanceTakeIt) {
    EXPECT_EQ(why(run(b.take(run(a.issue(session)).value()))), "taken");
    EXPECT_EQ(why(run(alone.take(run(a.issue(session)).value()))), refused);
    auto const own = run(alone.issue(session)).value();
    EXPECT_EQ(why(run(a.take(own))), refused) << "without one only the issuer knows it";
    EXPECT_EQ(why(run(alone.take(own))), "taken");
}

TEST_F(EventTickets, WhileTheSharedStoreIsAwayTheIssuerTakesItsOwn) {
    shared.close();
    auto const ticket = run(a.issue(session)).value();
    auto const elsewhere = run(b.take(ticket));
    ASSERT_FALSE(elsewhere);
    EXPECT_EQ(elsewhere.error().code(), errc::unavailable) << "it may be there";
    EXPECT_EQ(why(run(a.take(ticket))), "taken");
    auto const again = run(a.take(ticket));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), errc::unavailable);
}

TEST_F(EventTickets, OpenTicketsAreBounded) {
    auto const first = run(alone.issue(session)).value();
    time.advance(1ms);
    std::string last;
    for (std::size_t i = 0; i < event_tickets::max_open; ++i)
        last = run(alone.issue(session)).value();
    EXPECT_EQ(why(run(alone.take(first))), refused) << "the oldest went";
    EXPECT_EQ(why(run(alone.take(last))), "taken");
}

}  // namespace
}  // namespace cxb::api
