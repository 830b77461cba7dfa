#include <gtest/gtest.h>

#include <regex>

#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/wire/json.hpp"

namespace {
using namespace cxb;
using namespace cxb::contract::fleet;

std::string const pattern = R"("fleet_available":([1-9]|1[0-6])[,}])";

fleet_health host(int workers, int busy) {
    std::vector<fleet_worker> list;
    for (int n = 1; n <= workers; ++n)
        list.push_back({std::to_string(n), true, n <= busy ? 1 : 0, 1, 4100 + n, false});
    return make_fleet_health(std::move(list));
}

bool matches(std::string const& body) {
    return std::regex_search(body, std::regex(pattern));
}

std::string without_strings(std::string const& body) {
    std::string out;
    bool inside = false;
    for (char const c : body) {
        if (c == '"') inside = !inside;
        if (!inside) out += c;
    }
    return out;
}

std::string reason(fleet_answer const& answer) {
    auto const* fault = std::get_if<fleet_fault>(&answer);
    return fault != nullptr ? fault->reason : "healthy";
}

TEST(FleetHealth, BytesAreExactlyTheSpecifiedOnes) {
    auto const health = make_fleet_health({{"1", true, 1, 1, 4101, false},
                                           {"2", false, 0, 0, 0, false},
                                           {"3", true, 0, 1, 4103, false}});
    EXPECT_EQ(serialize(health),
              R"({"status":"ok","fleet_calls":1,"fleet_max":2,"fleet_available":1,"workers":[)"
              R"({"id":"1","calls":1,"max":1,"pid":4101},{"id":"2","status":"unreachable"},)"
              R"({"id":"3","calls":0,"max":1,"pid":4103}]})");
}

// 10-27
TEST(FleetHealth, PatternMatchesOneToSixteenFree) {
    EXPECT_TRUE(matches(serialize(host(12, 0))));
    for (int free = 0; free <= 17; ++free) {
        auto const body = serialize(host(17, 17 - free));
        EXPECT_EQ(matches(body), free >= 1 && free <= 16) << free;
        EXPECT_EQ(without_strings(body).find_first_of(" \t\r\n"), std::string::npos);
    }
}

TEST(FleetHealth, DrainingWorkerKeepsTheSums) {
    auto const health =
        make_fleet_health({{"1", true, 1, 1, 7, true}, {"2", true, 0, 1, 8, false}});
    EXPECT_EQ(health.fleet_available, 1);
    EXPECT_NE(serialize(health).find(R"({"id":"1","calls":1,"max":1,"pid":7,"draining":true})"),
              std::string::npos);
}

TEST(FleetHealth, EmptyHostIsValid) {
    EXPECT_EQ(serialize(make_fleet_health({})),
              R"({"status":"ok","fleet_calls":0,"fleet_max":0,"fleet_available":0,"workers":[]})");
}

TEST(FleetHealth, IdsAreEscaped) {
    auto const body = serialize(make_fleet_health({{"a\"b", false, 0, 0, 0, false}}));
    EXPECT_NE(body.find(R"({"id":"a\"b","status":"unreachable"})"), std::string::npos);
}

TEST(FleetHealth, RoundTripKeepsEverything) {
    auto const health = make_fleet_health({{"1", true, 1, 1, 4101, true},
                                           {"2", false, 0, 0, 0, false},
                                           {"3", true, 0, 2, 4103, false}});
    auto const answer = parse_fleet_health(200, serialize(health));
    ASSERT_TRUE(std::holds_alternative<fleet_health>(answer));
    EXPECT_EQ(std::get<fleet_health>(answer), health);
}

// 10-28 and every other reason word of the spec.
TEST(FleetHealth, FaultsHaveTheirReasonWord) {
    auto const body = [](std::string const& members) { return "{" + members + "}"; };
    std::string const good =
        R"("status":"ok","fleet_calls":0,"fleet_max":16,"fleet_available":16,"workers":[])";
    EXPECT_EQ(reason(parse_fleet_health(200, body(good))), "healthy");
    EXPECT_EQ(reason(parse_fleet_health(204, body(good))), "healthy");
    EXPECT_EQ(reason(parse_fleet_health(200, body(good + R"(,"new":[1])"))), "healthy");
    EXPECT_EQ(reason(parse_fleet_health(503, body(good))), "http_status");
    EXPECT_EQ(reason(parse_fleet_health(301, body(good))), "http_status");
    EXPECT_EQ(reason(parse_fleet_health(200, "oops")), "not_json");
    EXPECT_EQ(reason(parse_fleet_health(200, "[]")), "not_json");
    EXPECT_EQ(reason(parse_fleet_health(200, std::string(70000, ' ') + body(good))), "not_json");
    auto const with = [&](std::string const& from, std::string const& to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        return reason(parse_fleet_health(200, body(text)));
    };
    EXPECT_EQ(with(R"("ok")", R"("degraded")"), "bad_status");
    EXPECT_EQ(with(R"("fleet_max":16)", R"("fleet_max":-1)"), "bad_fleet_max");
    EXPECT_EQ(with(R"("fleet_max":16)", R"("fleet_max":"16")"), "bad_fleet_max");
    EXPECT_EQ(with(R"("fleet_available":16)", R"("fleet_available":17)"), "bad_fleet_available");
    EXPECT_EQ(with(R"("fleet_available":16)", R"("fleet_available":1.5)"), "bad_fleet_available");
    EXPECT_EQ(with(R"("fleet_available":16)", R"("fleet_available":null)"), "bad_fleet_available");
    EXPECT_EQ(with(R"("fleet_calls":0)", R"("fleet_calls":true)"), "bad_fleet_calls");
    EXPECT_EQ(with(R"("workers":[])", R"("workers":{})"), "bad_workers");
    EXPECT_EQ(with(R"("fleet_max":16)", R"("fleet_max":16.0)"), "healthy");
}

TEST(FleetHealth, OddWorkersAreSkippedOrUnreachable) {
    auto const answer = parse_fleet_health(
        200, R"({"status":"ok","fleet_calls":0,"fleet_max":1,"fleet_available":1,"workers":[)"
             R"(7,{"id":"1"},{"id":"2","calls":0,"max":1,"pid":3,"draining":false}]})");
    auto const& health = std::get<fleet_health>(answer);
    ASSERT_EQ(health.workers.size(), 2U);
    EXPECT_FALSE(health.workers[0].reachable);
    EXPECT_TRUE(health.workers[1].reachable);
}

TEST(FleetHealth, FailedRequestsAreTimeoutOrNetwork) {
    EXPECT_EQ(fault_of(error{errc::deadline_exceeded}).reason, "timeout");
    EXPECT_EQ(fault_of(error{errc::unavailable}).reason, "network");
    EXPECT_EQ(fault_of(error{errc::upstream_failed}).reason, "network");
    EXPECT_EQ(fault_of(error{errc::too_large}).reason, "not_json");
    EXPECT_EQ(fault_of(error{errc::blocked}).reason, "network");
    EXPECT_EQ(fault_of(error{errc::blocked}.with_status(302)).reason, "http_status");
}

TEST(WorkerHealth, BytesAreExactlyTheSpecifiedOnes) {
    worker_health health;
    health.worker_id = "3";
    health.worker_pid = 4103;
    EXPECT_EQ(serialize(health),
              R"({"status":"ok","worker_calls":0,"worker_max":1,"total_capacity":16,)"
              R"("total_available":16,"workers":16,"worker_id":"3","worker_pid":4103})");
    health.worker_calls = 1;
    EXPECT_EQ(health.total_available(), 15);
    auto const back = parse_worker_health(serialize(health));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, health);
}

TEST(WorkerHealth, AllFaultsAreReportedTogether) {
    auto const bad = parse_worker_health(R"({"status":"no","worker_calls":-1,"worker_id":3})");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code(), errc::invalid);
    EXPECT_EQ(bad.error().faults().size(), 6U);
    EXPECT_EQ(parse_worker_health("{").error().code(), errc::malformed);
    EXPECT_EQ(parse_worker_health("[]").error().code(), errc::invalid);
}

TEST(FleetSchemas, AreJson) {
    EXPECT_TRUE(wire::parse_json(fleet_health_schema()));
    EXPECT_TRUE(wire::parse_json(worker_health_schema()));
}

}  // namespace
