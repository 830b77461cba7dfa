#include "cxb/worker/outbox_schedule.hpp"

#include <gtest/gtest.h>

#include <map>

namespace {
using namespace cxb;
using namespace cxb::worker;
using namespace std::chrono_literals;

constexpr time_point t0{std::chrono::milliseconds{1'767'323'045'000}};

std::string name_of(int n) {
    std::string text = std::to_string(n);
    return std::string(13 - text.size(), '0') + text + "-e.entry";
}

outbox_added added(int n, std::string session = "", std::string origin = "http://a",
                   outbox_class kind = outbox_class::result, time_point created = t0) {
    return {name_of(n), kind, std::move(session), std::move(origin), created + lifetime_of(kind)};
}

std::vector<std::string> sends(std::vector<outbox_action> const& actions) {
    std::vector<std::string> out;
    for (auto const& action : actions)
        if (auto const* send = std::get_if<outbox_send>(&action)) out.push_back(send->name);
    return out;
}

std::vector<outbox_bury> burials(std::vector<outbox_action> const& actions) {
    std::vector<outbox_bury> out;
    for (auto const& action : actions)
        if (auto const* bury = std::get_if<outbox_bury>(&action)) out.push_back(*bury);
    return out;
}

outbox_answered answer(int n, int status, std::optional<seconds> retry_after = {}) {
    return {name_of(n), status, retry_after, "", {}};
}

struct OutboxSchedule : ::testing::Test {
    seeded_random random{7};
    outbox_schedule schedule{random};

    // Lets entry `n` fail with `status` now and gives the wait until it is sent again.
    milliseconds wait_after(time_point now, int n, int status,
                            std::optional<seconds> retry_after = {}) {
        EXPECT_TRUE(sends(schedule.step(now, answer(n, status, retry_after))).empty());
        auto const next = schedule.next_timer();
        EXPECT_TRUE(next);
        EXPECT_TRUE(sends(schedule.step(*next - 1ms, outbox_tick{})).empty());
        EXPECT_EQ(sends(schedule.step(*next, outbox_tick{})).size(), 1U);
        return *next - now;
    }
};

TEST_F(OutboxSchedule, NewEntryIsSentAtOnceAndDeliveredOn2xx) {
    EXPECT_EQ(sends(schedule.step(t0, added(1))), std::vector{name_of(1)});
    auto const actions = schedule.step(t0 + 1s, answer(1, 200));
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(std::get<outbox_delivered>(actions[0]), (outbox_delivered{name_of(1), 200}));
    EXPECT_EQ(schedule.size(), 0U);
    EXPECT_FALSE(schedule.next_timer());
}

TEST_F(OutboxSchedule, OldestFirstAndFourAtOnce) {
    for (int n : {9, 8, 7, 6})
        (void)schedule.step(t0, added(n));
    for (int n : {3, 2, 1})
        EXPECT_TRUE(sends(schedule.step(t0, added(n))).empty());
    EXPECT_EQ(schedule.in_flight(), 4U);
    EXPECT_EQ(sends(schedule.step(t0, answer(9, 200))), std::vector{name_of(1)});
    EXPECT_EQ(sends(schedule.step(t0, answer(8, 200))), std::vector{name_of(2)});
}

TEST_F(OutboxSchedule, OneAtATimePerSession) {
    (void)schedule.step(t0, added(1, "s1"));
    EXPECT_TRUE(sends(schedule.step(t0, added(2, "s1"))).empty());
    EXPECT_EQ(sends(schedule.step(t0, added(3, "s2"))), std::vector{name_of(3)});
    EXPECT_EQ(sends(schedule.step(t0, answer(1, 200))), std::vector{name_of(2)});
}

TEST_F(OutboxSchedule, EntriesWithoutSessionDoNotBlockEachOther) {
    (void)schedule.step(t0, added(1, ""));
    EXPECT_EQ(sends(schedule.step(t0, added(2, ""))).size(), 1U);
}

TEST_F(OutboxSchedule, WaitsGrowWithJitter) {
    (void)schedule.step(t0, added(1));
    time_point now = t0;
    // 429 is temporary but no probe case, so the plain ladder shows.
    for (double const base : {1., 2., 5., 10., 30., 60., 120., 300., 300.}) {
        auto const wait = wait_after(now, 1, 429);
        EXPECT_GE(wait.count(), base * 800);
        EXPECT_LE(wait.count(), base * 1200);
        now += wait;
    }
}

TEST_F(OutboxSchedule, LongerRetryAfterWinsUpTo600Seconds) {
    (void)schedule.step(t0, added(1));
    EXPECT_EQ(wait_after(t0, 1, 503, 120s), 120s);
    EXPECT_EQ(wait_after(t0 + 120s, 1, 503, 4000s), 600s);
    auto const shorter = wait_after(t0 + 720s, 1, 429, 1s);
    EXPECT_GE(shorter, 4s);
}

// 10-30: ten minutes without an answer, then delivered within 7 s of recovery.
TEST_F(OutboxSchedule, ProbeFindsRecoveryWithinSevenSeconds) {
    time_point now = t0;
    bool flying = !sends(schedule.step(now, added(1))).empty();
    time_point const back = t0 + 10min;
    int tries = 0;
    while (now < back) {
        if (flying) {
            flying = false;
            ++tries;
            flying = !sends(schedule.step(now, answer(1, 0))).empty();
        }
        ASSERT_FALSE(flying);
        auto const next = *schedule.next_timer();
        ASSERT_GT(next, now);
        now = next;
        flying = !sends(schedule.step(now, outbox_tick{})).empty();
    }
    ASSERT_TRUE(flying);
    EXPECT_LE(now - back, 7s);
    EXPECT_GT(tries, 100);
    EXPECT_LT(tries, 200);
    EXPECT_EQ(schedule.step(now, answer(1, 200)).size(), 1U);
    EXPECT_EQ(schedule.size(), 0U);
}

TEST_F(OutboxSchedule, OnlyTheOldestOfAFailingOriginProbes) {
    for (int n : {1, 2})
        (void)schedule.step(t0, added(n));
    time_point now = t0;
    std::map<std::string, int> tries;
    auto fail_all = [&](std::vector<outbox_action> actions) {
        while (!actions.empty()) {
            std::vector<outbox_action> more;
            for (auto const& name : sends(actions)) {
                ++tries[name];
                for (auto& next : schedule.step(now, outbox_answered{name, 503, {}, "", {}}))
                    more.push_back(std::move(next));
            }
            actions = std::move(more);
        }
    };
    (void)schedule.step(now, answer(1, 503));
    (void)schedule.step(now, answer(2, 503));
    while (now < t0 + 30min) {
        now = *schedule.next_timer();
        fail_all(schedule.step(now, outbox_tick{}));
    }
    EXPECT_GE(tries[name_of(1)], 360);
    EXPECT_LE(tries[name_of(2)], 16);
}

TEST_F(OutboxSchedule, RecoverySpreadsTheWaitingEntriesOverFiveSeconds) {
    for (int n = 1; n <= 4; ++n)
        (void)schedule.step(t0, added(n));
    (void)schedule.step(t0, added(5, "", "http://other"));
    for (int n = 1; n <= 4; ++n)
        (void)schedule.step(t0, answer(n, 0));
    EXPECT_EQ(schedule.in_flight(), 1U);
    (void)schedule.step(t0, answer(5, 503, 600s));
    // Drive all four up the ladder, then let the first succeed.
    time_point now = t0;
    for (int round = 0; round < 40; ++round) {
        now = *schedule.next_timer();
        for (auto const& name : sends(schedule.step(now, outbox_tick{})))
            (void)schedule.step(now, outbox_answered{name, 0, {}, "", {}});
    }
    now = *schedule.next_timer();
    auto const probe = sends(schedule.step(now, outbox_tick{}));
    ASSERT_EQ(probe.size(), 1U);
    auto actions = schedule.step(now, outbox_answered{probe[0], 200, {}, "", {}});
    time_point const recovered = now;
    std::size_t seen = sends(actions).size();
    while (schedule.next_timer() && *schedule.next_timer() <= recovered + 5s) {
        now = *schedule.next_timer();
        seen += sends(schedule.step(now, outbox_tick{})).size();
    }
    EXPECT_EQ(seen, 3U);
    EXPECT_TRUE(schedule.contains(name_of(5)));
}

// 10-33: 422 is tried once and keeps its errors.
TEST_F(OutboxSchedule, PoisonDiesAtOnce) {
    int n = 0;
    for (int const status : {400, 409, 413, 415, 422}) {
        (void)schedule.step(t0, added(++n));
        auto const dead = burials(
            schedule.step(t0, outbox_answered{name_of(n), status, {}, "bad", {"/x: wrong"}}));
        ASSERT_EQ(dead.size(), 1U) << status;
        EXPECT_EQ(dead[0], (outbox_bury{name_of(n), "refused", status, "bad", {"/x: wrong"}}));
    }
    EXPECT_EQ(schedule.size(), 0U);
}

// 10-33: an hour of 403 kills nothing and is shown.
TEST_F(OutboxSchedule, RefusedSecretWaitsAMinuteAndNeverKills) {
    (void)schedule.step(t0, added(1));
    EXPECT_FALSE(schedule.config_refused());
    time_point now = t0;
    while (now < t0 + 1h) {
        auto const wait = wait_after(now, 1, now < t0 + 30min ? 403 : 401);
        EXPECT_GE(wait, 60s);
        EXPECT_TRUE(schedule.config_refused());
        now += wait;
    }
    EXPECT_EQ(schedule.size(), 1U);
    (void)schedule.step(now, answer(1, 200));
    EXPECT_FALSE(schedule.config_refused());
}

TEST_F(OutboxSchedule, AcceptedSecretWakesWhatWaitedForIt) {
    for (int n : {1, 2})
        (void)schedule.step(t0, added(n));
    (void)schedule.step(t0, answer(1, 403));
    (void)schedule.step(t0, answer(2, 403));
    (void)schedule.step(t0 + 1s, added(3));
    (void)schedule.step(t0 + 1s, answer(3, 200));
    EXPECT_LE(*schedule.next_timer(), t0 + 6s);
    EXPECT_FALSE(schedule.config_refused());
}

TEST_F(OutboxSchedule, MisroutedIsRetriedForADayThenDies) {
    for (int const status : {302, 404, 405, 410, 451}) {
        outbox_schedule fresh{random};
        (void)fresh.step(t0, added(1));
        time_point now = t0;
        std::vector<outbox_bury> dead;
        while (dead.empty()) {
            dead = burials(fresh.step(now, answer(1, status)));
            if (!dead.empty()) break;
            now = *fresh.next_timer();
            (void)fresh.step(now, outbox_tick{});
        }
        EXPECT_EQ(dead[0].reason, "gave_up");
        EXPECT_GE(now - t0, 24h);
        EXPECT_LE(now - t0, 24h + 7min);
    }
}

TEST_F(OutboxSchedule, ADayIsCountedFromTheFirstMisroutedAnswer) {
    (void)schedule.step(t0, added(1));
    (void)schedule.step(t0, answer(1, 404));
    (void)schedule.step(t0 + 23h, outbox_tick{});
    (void)schedule.step(t0 + 23h, answer(1, 503));
    (void)schedule.step(t0 + 25h, outbox_tick{});
    EXPECT_TRUE(burials(schedule.step(t0 + 25h, answer(1, 404))).empty());
}

TEST_F(OutboxSchedule, SevenDaysOldDies) {
    (void)schedule.step(t0, added(1));
    (void)schedule.step(t0, answer(1, 0));
    EXPECT_TRUE(burials(schedule.step(t0 + 7 * 24h - 1ms, outbox_tick{})).empty());
    (void)schedule.step(t0 + 7 * 24h - 1ms, answer(1, 0));
    auto const dead = burials(schedule.step(t0 + 7 * 24h, outbox_tick{}));
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].reason, "expired");
}

TEST_F(OutboxSchedule, ExpiredEntryIsBuriedBeforeItIsSent) {
    auto const actions = schedule.step(t0 + 8 * 24h, added(1));
    EXPECT_TRUE(sends(actions).empty());
    EXPECT_EQ(burials(actions).size(), 1U);
}

TEST_F(OutboxSchedule, HandoffHasSixTriesInFifteenSeconds) {
    (void)schedule.step(t0, added(1, "s", "http://a", outbox_class::handoff));
    time_point now = t0;
    std::vector<milliseconds> waits;
    for (int n = 0; n < 5; ++n) {
        waits.push_back(wait_after(now, 1, 503, 60s));
        now += waits.back();
    }
    EXPECT_EQ(waits, (std::vector<milliseconds>{200ms, 500ms, 1s, 2s, 4s}));
    auto const dead = burials(schedule.step(now, answer(1, 503)));
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].reason, "gave_up");
}

TEST_F(OutboxSchedule, HandoffExpiresAfterFifteenSeconds) {
    (void)schedule.step(t0, added(1, "s", "http://a", outbox_class::handoff));
    auto const dead = burials(schedule.step(t0 + 15s, answer(1, 0)));
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].reason, "expired");
}

TEST_F(OutboxSchedule, AnyClientErrorEndsAHandoff) {
    for (int const status : {401, 403, 404, 422, 429}) {
        outbox_schedule fresh{random};
        (void)fresh.step(t0, added(1, "s", "http://a", outbox_class::handoff));
        EXPECT_EQ(burials(fresh.step(t0, answer(1, status))).size(), 1U) << status;
    }
}

TEST_F(OutboxSchedule, RemovedAndUnknownNamesAreIgnored) {
    (void)schedule.step(t0, added(1, "s"));
    (void)schedule.step(t0, outbox_removed{name_of(1)});
    EXPECT_EQ(schedule.in_flight(), 0U);
    EXPECT_TRUE(schedule.step(t0, answer(1, 200)).empty());
    EXPECT_TRUE(schedule.step(t0, outbox_removed{name_of(2)}).empty());
    EXPECT_EQ(sends(schedule.step(t0, added(2, "s"))).size(), 1U);
}

TEST_F(OutboxSchedule, SameEntryAddedTwiceIsOneEntry) {
    (void)schedule.step(t0, added(1));
    EXPECT_TRUE(schedule.step(t0, added(1)).empty());
    EXPECT_EQ(schedule.size(), 1U);
}

TEST_F(OutboxSchedule, RestartMakesEverythingDueAtOnce) {
    (void)schedule.step(t0, added(1));
    for (int n = 0; n < 6; ++n) {
        (void)schedule.step(t0 + n * 400s, answer(1, 404));
        (void)schedule.step(t0 + (n + 1) * 400s, outbox_tick{});
    }
    outbox_schedule again{random};
    EXPECT_EQ(sends(again.step(t0 + 1h, added(1))).size(), 1U);
}

// Whatever the answers, every entry ends delivered or dead, and the limits hold throughout.
TEST_F(OutboxSchedule, RandomFatesKeepTheRules) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        seeded_random fate(seed);
        outbox_schedule machine{random};
        std::map<std::string, std::string> session;
        std::map<std::string, bool> flying;
        time_point now = t0;
        std::size_t ended = 0;
        auto const take = [&](std::vector<outbox_action> const& actions) {
            for (auto const& action : actions) {
                if (auto const* send = std::get_if<outbox_send>(&action)) {
                    EXPECT_FALSE(flying[send->name]);
                    for (auto const& [other, up] : flying)
                        if (up) EXPECT_NE(session[other], session[send->name]);
                    flying[send->name] = true;
                } else {
                    ++ended;
                }
            }
            std::size_t up = 0;
            for (auto const& item : flying)
                up += item.second ? 1U : 0U;
            EXPECT_LE(up, outbox_schedule::at_once);
            EXPECT_EQ(up, machine.in_flight());
        };
        for (int n = 0; n < 40; ++n) {
            session[name_of(n)] = "s" + std::to_string(fate.below(15));
            take(machine.step(now, added(n, session[name_of(n)])));
        }
        constexpr int statuses[] = {0, 200, 200, 403, 404, 422, 429, 500, 503};
        for (int guard = 0; ended < 40 && guard < 200000; ++guard) {
            std::vector<std::string> up;
            for (auto const& [name, is_up] : flying)
                if (is_up) up.push_back(name);
            if (up.empty()) {
                now = *machine.next_timer();
                take(machine.step(now, outbox_tick{}));
                continue;
            }
            auto const& name = up[fate.below(up.size())];
            flying[name] = false;
            take(machine.step(now, outbox_answered{name, statuses[fate.below(9)], {}, "", {}}));
        }
        EXPECT_EQ(ended, 40U);
        EXPECT_EQ(machine.size(), 0U);
    }
}

}  // namespace
