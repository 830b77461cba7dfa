#include "cxb/client/retry_policy.hpp"

#include <gtest/gtest.h>

namespace {
using namespace cxb;
using namespace cxb::client;
using namespace std::chrono_literals;

error failure(errc code, int status = 0, sent_state sent = sent_state::yes) {
    return error{code}.with_status(status).with_request_sent(sent);
}

// 10-37: repeats only where they are safe.
TEST(RetryPolicy, EachRuleRepeatsOnlyItsFailures) {
    auto const refused = failure(errc::unavailable, 0, sent_state::no);
    auto const reset = failure(errc::unavailable, 0, sent_state::maybe);
    auto const busy = failure(errc::unavailable, 503);
    auto const full = failure(errc::at_capacity, 429);
    auto const late = failure(errc::deadline_exceeded, 0, sent_state::maybe);
    auto const broken = failure(errc::upstream_failed, 502);
    auto const moved = failure(errc::upstream_failed, 302);
    auto const bad = failure(errc::invalid, 422);
    struct row {
        repeat_rule rule;
        bool refused, reset, busy, full, late, broken, moved, bad;
    };
    constexpr row rows[] = {
        {repeat_rule::never, false, false, false, false, false, false, false, false},
        {repeat_rule::not_sent, true, false, false, false, false, false, false, false},
        {repeat_rule::not_sent_or_full, true, false, false, true, false, false, false, false},
        {repeat_rule::unavailable, true, true, true, false, false, false, false, false},
        {repeat_rule::unavailable_or_timeout, true, true, true, false, true, false, false, false},
        {repeat_rule::not_final, true, true, true, true, true, true, false, false},
        {repeat_rule::config, true, true, true, true, true, true, false, false}};
    for (auto const& one : rows) {
        SCOPED_TRACE(static_cast<int>(one.rule));
        EXPECT_EQ(may_retry(one.rule, refused), one.refused);
        EXPECT_EQ(may_retry(one.rule, reset), one.reset);
        EXPECT_EQ(may_retry(one.rule, busy), one.busy);
        EXPECT_EQ(may_retry(one.rule, full), one.full);
        EXPECT_EQ(may_retry(one.rule, late), one.late);
        EXPECT_EQ(may_retry(one.rule, broken), one.broken);
        EXPECT_EQ(may_retry(one.rule, moved), one.moved);
        EXPECT_EQ(may_retry(one.rule, bad), one.bad);
    }
}

TEST(RetryPolicy, ARefusalOfTheConfigIsFinal) {
    for (char const* detail : {"outside_active_hours: closed", "bot_inactive: off",
                               "bot_incomplete: llm", "crm_prefetch_failed: timeout"}) {
        auto const refusal =
            error{errc::unavailable, detail}.with_status(503).with_request_sent(sent_state::yes);
        EXPECT_FALSE(may_retry(repeat_rule::config, refusal)) << detail;
    }
}

TEST(RetryPolicy, WaitsGrowThreefoldUpToTheCap) {
    seeded_random random{7};
    auto const down = failure(errc::unavailable);
    for (int i = 0; i < 200; ++i) {
        EXPECT_LT(*wait_before({}, 0, down, 1h, random), 200ms);
        EXPECT_LT(*wait_before({}, 1, down, 1h, random), 600ms);
        EXPECT_LT(*wait_before({}, 2, down, 1h, random), 1800ms);
        EXPECT_LT(*wait_before({}, 9, down, 1h, random), 2000ms);
    }
}

TEST(RetryPolicy, RetryAfterIsKeptOnlyIfItFits) {
    seeded_random random{7};
    auto const asked = failure(errc::unavailable, 503).with_retry_after(3s);
    EXPECT_EQ(wait_before({}, 0, asked, 4s, random), 3000ms);
    EXPECT_EQ(wait_before({}, 0, asked, 3s, random), std::nullopt);
    EXPECT_EQ(wait_before({}, 0, failure(errc::unavailable), 0ms, random), std::nullopt);
}

TEST(RetryPolicy, TheBudgetStopsAStorm) {
    retry_budget budget;
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(budget.take());
    EXPECT_FALSE(budget.take());
    for (int i = 0; i < 9; ++i)
        budget.succeeded();
    EXPECT_FALSE(budget.take());
    budget.succeeded();
    EXPECT_TRUE(budget.take());
    for (int i = 0; i < 500; ++i)
        budget.succeeded();
    EXPECT_DOUBLE_EQ(budget.tokens(), 10.0);
}

}  // namespace
