// When the writer waits for more writes before a group: no clock, no thread, only the rule.
#include "src/store/sqlite/linger_rule.hpp"

#include <gtest/gtest.h>

namespace cxb::store::sqlite {
namespace {

using namespace std::chrono_literals;

struct LingerRule : ::testing::Test {
    linger_rule rule{{.longest = 5ms, .least_commit = 500us}};
    linger_rule::moment now{1h};

    void commit(std::size_t writes, std::size_t queued, std::chrono::nanoseconds took = 4ms) {
        now += took;
        rule.committed(writes, took, queued, now);
    }
};

TEST_F(LingerRule, NothingIsKnownBeforeTheFirstCommit) {
    EXPECT_FALSE(rule.ask(1, 256, now));
}

TEST_F(LingerRule, ALoneClientNeverWaits) {
    for (int i = 0; i < 10; ++i) {
        commit(1, 0);
        EXPECT_FALSE(rule.ask(1, 256, now));
    }
}

TEST_F(LingerRule, WaitsForThoseWhoWereJustAnswered) {
    commit(63, 1);
    auto const wait = rule.ask(1, 256, now);
    ASSERT_TRUE(wait);
    EXPECT_EQ(wait->writes, 64U);
    EXPECT_EQ(wait->until, now + 2ms);    // half a commit
    EXPECT_FALSE(rule.ask(1, 256, now));  // once a commit
}

TEST_F(LingerRule, NeverForMoreThanAGroupHolds) {
    commit(200, 100);
    EXPECT_EQ(rule.ask(100, 256, now)->writes, 256U);
    commit(200, 100);
    EXPECT_FALSE(rule.ask(256, 256, now));
}

TEST_F(LingerRule, NeverLongerThanItsLimit) {
    commit(10, 0, 100ms);
    EXPECT_EQ(rule.ask(1, 256, now)->until, now + 5ms);
}

TEST_F(LingerRule, AfterAPauseItDoesNotWait) {
    commit(63, 1);
    now += 3ms;  // the half commit is over
    EXPECT_FALSE(rule.ask(1, 256, now));
}

TEST_F(LingerRule, FastCommitsAreNotWaitedFor) {
    commit(63, 1, 100us);
    EXPECT_FALSE(rule.ask(1, 256, now));
}

TEST_F(LingerRule, ZeroTurnsItOff) {
    linger_rule off{{.longest = 0ms}};
    off.committed(64, 10ms, 0, now);
    EXPECT_FALSE(off.ask(1, 256, now));
}

TEST_F(LingerRule, WaitsThatDoNotPayBecomeRare) {
    int waits = 0;
    for (int i = 0; i < 200; ++i) {
        commit(2, 0);
        if (!rule.ask(1, 256, now)) continue;
        ++waits;
        rule.waited(1, 1, 2ms);
    }
    EXPECT_GE(waits, 2);
    EXPECT_LE(waits, 10);
}

TEST_F(LingerRule, AWaitPaysByWhatItBrings) {
    commit(2, 0);
    ASSERT_TRUE(rule.ask(1, 256, now));
    rule.waited(1, 2, 100us);  // twice the writes for a fortieth of a commit
    commit(2, 0);
    EXPECT_TRUE(rule.ask(1, 256, now));
    rule.waited(20, 21, 2ms);  // a twentieth for half a commit
    commit(2, 0);
    EXPECT_FALSE(rule.ask(1, 256, now));
}

}  // namespace
}  // namespace cxb::store::sqlite
