// Tickets of event streams: once, for 30 s, at every instance on the store.
#include "server/api/events/event_tickets.hpp"

#include <gtest/gtest.h>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using namespace std::chrono_literals;
using cxb::test::run;
using cxb::test::run_all;

class EventTickets : public ::testing::Test {
  protected:
    // As a process opens it.
    std::unique_ptr<store::document_store> open() const {
        store::sqlite_options options;
        options.path = folder / "s.db";
        auto opened = store::sqlite_document_store::open(options).value();
        EXPECT_TRUE(run(opened->ensure(model::event_tickets)));
        return opened;
    }
    static std::string why(result<user_session> const& got) {
        return got ? "taken" : got.error().detail();
    }
    std::int64_t rows() { return run(store_a->count(model::event_tickets, {})).value(); }
    static constexpr char const* refused = "Invalid or expired ticket";

    cxb::test::scratch_dir folder;
    testing::fake_clock time;
    user_session const session{"65f000000000000000000001", 3, time.now() + 8h};
    std::unique_ptr<store::document_store> store_a = open();
    std::unique_ptr<store::document_store> store_b = open();
    event_tickets a{*store_a, time, system_random()};
    event_tickets b{*store_b, time, system_random()};
};

TEST_F(EventTickets, ATicketStandsForItsSessionOnceAtEveryInstance) {
    for (auto* const at : {&a, &b}) {
        auto const ticket = run(a.issue(session)).value();
        EXPECT_GE(ticket.size(), 43U);
        auto const got = run(at->take(ticket));
        ASSERT_TRUE(got) << got.error().to_log_text();
        EXPECT_EQ(got->user_id, session.user_id);
        EXPECT_EQ(got->version, session.version);
        EXPECT_EQ(got->expires, session.expires);
        EXPECT_EQ(why(run(a.take(ticket))), refused);
        EXPECT_EQ(why(run(b.take(ticket))), refused);
    }
    EXPECT_EQ(rows(), 0) << "what was used is gone";
}

TEST_F(EventTickets, OfManyWhoBringItOneGetsIn) {
    auto const ticket = run(a.issue(session)).value();
    std::vector<store::async<user_session>> tries;
    for (int i = 0; i < 20; ++i)
        tries.push_back((i % 2 == 0 ? a : b).take(ticket));
    auto const got = run_all(std::move(tries));
    EXPECT_EQ(std::ranges::count_if(got, [](auto const& one) { return one.has_value(); }), 1);
    EXPECT_EQ(std::ranges::count_if(got, [](auto const& one) { return why(one) == refused; }), 19);
}

TEST_F(EventTickets, ATicketEnds) {
    auto const late = run(a.issue(session)).value();
    time.advance(event_tickets::life);
    EXPECT_EQ(why(run(a.take(late))), refused);
    auto const in_time = run(a.issue(session)).value();
    time.advance(event_tickets::life - 1ms);
    EXPECT_EQ(why(run(a.take(in_time))), "taken");
}

TEST_F(EventTickets, WhatIsNoTicketIsRefused) {
    auto const ticket = run(a.issue(session)).value();
    for (std::string const& text :
         {std::string("x"), ticket + "x", ticket.substr(1), std::string(128, 'A'), std::string()}) {
        auto const got = run(a.take(text));
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().code(), errc::unauthenticated);
    }
    EXPECT_EQ(why(run(a.take(ticket))), "taken");
}

// Who reads the store finds nothing to open a stream with.
TEST_F(EventTickets, OnlyTheHashIsKept) {
    auto const ticket = run(a.issue(session)).value();
    auto const row = run(store_b->find_one(model::event_tickets, {})).value().value();
    EXPECT_EQ(wire::to_text(row).find(ticket), std::string::npos);
    EXPECT_EQ(why(run(a.take(std::string(wire::text_at(row, "_id"))))), refused);
    EXPECT_EQ(why(run(a.take(ticket))), "taken");
}

TEST_F(EventTickets, AStoreThatIsAwayIsNoRefusal) {
    auto const ticket = run(a.issue(session)).value();
    store_b->close();
    auto const got = run(b.take(ticket));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::unavailable);
    EXPECT_EQ(run(b.issue(session)).error().code(), errc::unavailable);
    EXPECT_EQ(why(run(a.take(ticket))), "taken");
}

}  // namespace
}  // namespace cxb::api
