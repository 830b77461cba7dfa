#include "cxb/domain/fleet_choice.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

namespace {

using namespace cxb;
using namespace cxb::domain;
using namespace std::chrono_literals;

time_point const now = parse_timestamp("2026-01-02T03:04:05Z").value();

fleet_candidate host(char const* url, int available, int holds = 0, bool healthy = true) {
    return {url, healthy, available, holds};
}

// 21-26
TEST(FleetChoice, MostAvailableWins) {
    seeded_random random{1};
    std::vector const hosts{host("a", 3), host("b", 5), host("c", 0), host("d", 9, 0, false)};
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(choose_host(hosts, random), 1U);
}

// 21-26
TEST(FleetChoice, EqualOnesAreEachTaken) {
    seeded_random random{1};
    std::vector const hosts{host("a", 2), host("b", 4), host("c", 4), host("d", 4), host("e", 4)};
    std::map<std::size_t, int> taken;
    for (int i = 0; i < 8000; ++i)
        ++taken[choose_host(hosts, random).value()];
    EXPECT_EQ(taken.size(), 4U);
    for (auto const& [index, count] : taken)
        EXPECT_NEAR(count, 2000, 200) << index;
}

TEST(FleetChoice, ExampleOfTheSpec) {
    seeded_random random{1};
    EXPECT_EQ(choose_host(std::array{host("A", 5, 2), host("B", 4)}, random), 1U);
    std::set<std::size_t> seen;
    for (int i = 0; i < 200; ++i)
        seen.insert(choose_host(std::array{host("A", 5, 2), host("B", 4, 1)}, random).value());
    EXPECT_EQ(seen, (std::set<std::size_t>{0, 1}));
}

// 21-28
TEST(FleetChoice, NoneFree) {
    seeded_random random{1};
    EXPECT_EQ(choose_host({}, random), std::nullopt);
    EXPECT_EQ(
        choose_host(std::array{host("a", 2, 2), host("b", 1, 3), host("c", 5, 0, false)}, random),
        std::nullopt);
}

TEST(FleetChoice, RanksUsableHosts) {
    seeded_random random{1};
    std::vector const hosts{host("a", 1), host("b", 0), host("c", 7), host("d", 3)};
    EXPECT_EQ(rank_hosts(hosts, random), (std::vector<std::size_t>{2, 3, 0}));
}

TEST(FleetHolds, ReserveStopsAtTheFreeCount) {
    auto holds = reserve({}, 2, "h1", now, now).value();
    holds = reserve(holds, 2, "h2", now, now).value();
    EXPECT_EQ(holds.size(), 2U);
    EXPECT_EQ(holds[0], (fleet_hold{"h1", now + 15s, std::nullopt}));
    EXPECT_FALSE(reserve(holds, 2, "h3", now, now));
    EXPECT_FALSE(reserve({}, 0, "h1", now, now));
    // 15 s later the crash's leftovers are gone
    auto const later = reserve(holds, 2, "h3", now + 15s, now + 15s).value();
    EXPECT_EQ(later.size(), 1U);
}

// 21-27
TEST(FleetHolds, FiftyAtOnceGetNoMoreThanThereIs) {
    fleet_holds holds;
    int granted = 0;
    for (int i = 0; i < 50; ++i) {
        if (auto next = reserve(holds, 16, std::to_string(i), now, now)) {
            holds = *std::move(next);
            ++granted;
        }
    }
    EXPECT_EQ(granted, 16);
}

TEST(FleetHolds, RenewAndRelease) {
    auto holds = reserve({}, 5, "h1", now, now).value();
    holds = renew(holds, "h1", now + 5s).value();
    EXPECT_EQ(holds[0].until, now + 20s);
    EXPECT_FALSE(renew(holds, "nope", now));
    holds = release(holds, "h1", now + 6s);
    EXPECT_TRUE(holds.empty());
    EXPECT_TRUE(release(holds, "h1", now + 7s).empty());
}

TEST(FleetHolds, OneFromBeforeTheClockWentBackIsOver) {
    fleet_holds const held{{"h", now + 1h + reservation_lifetime, std::nullopt}};
    EXPECT_EQ(counted_holds(held, now, now), 0);
    EXPECT_TRUE(drop_expired(held, now).empty());
    EXPECT_EQ(counted_holds(held, now + 1h, now + 1h), 1);
}

TEST(FleetHolds, AcceptedCountsOnlyAgainstOlderProbes) {
    auto holds = reserve({}, 5, "h1", now, now).value();
    holds = accept(holds, "h1", now + 1s);
    EXPECT_EQ(holds[0], (fleet_hold{"h1", now + 31s, now + 1s}));
    EXPECT_EQ(counted_holds(holds, now + 2s, now), 1);
    EXPECT_EQ(counted_holds(holds, now + 2s, now + 1299ms), 1);
    EXPECT_EQ(counted_holds(holds, now + 2s, now + 1300ms), 0);
    EXPECT_EQ(counted_holds(holds, now + 31s, now), 0) << "kept 30 s";
    EXPECT_EQ(accept({}, "h2", now).size(), 1U) << "swept meanwhile";
    // the list also holds an accepted one the probe knows: room for another
    EXPECT_TRUE(reserve(holds, 1, "h3", now + 2s, now + 2s));
    EXPECT_FALSE(reserve(holds, 1, "h3", now + 2s, now));
}

TEST(FleetHolds, StoredForm) {
    auto const holds = accept(reserve({}, 5, "h1", now, now).value(), "h2", now + 250ms);
    auto const json = to_json(holds);
    EXPECT_EQ(wire::to_text(json), R"([{"id":"h1","until":"2026-01-02T03:04:20.000Z"},)"
                                   R"({"id":"h2","until":"2026-01-02T03:04:35.250Z",)"
                                   R"("accepted_at":"2026-01-02T03:04:05.250Z"}])");
    EXPECT_EQ(parse_fleet_holds(json), holds);
    EXPECT_TRUE(parse_fleet_holds(nullptr).empty());
    EXPECT_TRUE(parse_fleet_holds(wire::json_array{5, {{"id", "x"}, {"until", "soon"}}}).empty());
}

}  // namespace
