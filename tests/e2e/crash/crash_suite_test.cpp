// kill -9 of the API at random moments and at each fail-point, again and again under load: what was
// acknowledged is there, an effect has one webhook id, one key dials once, nothing is stuck.
#include "e2e/crash/crash_load.hpp"
#include "src/base/fail_point_table.hpp"

namespace cxb::e2e {
namespace {

// Each case has its kind of kills, so that they run beside each other.
constexpr int parts = 4;
constexpr std::string_view store_points[] = {"store."};
constexpr std::string_view job_points[] = {"jobs.", "push."};
constexpr std::string_view effect_points[] = {"idempotency.", "dialout.", "upload.", "objects."};
constexpr std::string_view worker_points[] = {"outbox.", "worker."};  // crash_worker_test.cpp
// Killed at one by one, in the tests of their subjects.
constexpr std::string_view delivery_points[] = {"webhook.", "oauth."};  // crash_deliveries_test.cpp
constexpr std::string_view livekit_points[] = {"livekit."};             // crash_carriers_test.cpp
constexpr std::string_view cache_points[] = {"cache."};  // crash_prompt_cache_test.cpp
constexpr std::string_view upkeep_points[] = {"retention.", "recordings.", "rotation.",
                                              "migrations."};          // crash_upkeep_test.cpp
constexpr std::string_view backup_points[] = {"backup.", "restore."};  // crash_backup_test.cpp

bool is_among(std::string_view point, std::span<std::string_view const> prefixes) {
    return std::ranges::any_of(prefixes, [&](auto prefix) { return point.starts_with(prefix); });
}

class CrashSuite : public crash_load {
  protected:
    // Each of the points at least once, else in turn.
    std::vector<kill_order> orders_at(std::span<std::string_view const> prefixes, int most_passes) {
        std::vector<std::string> names;
        for (auto const& point : fail::points)
            if (is_among(point.name, prefixes)) names.emplace_back(point.name);
        auto const count = std::max<std::size_t>(names.size(), share_of_kills(parts));
        std::vector<kill_order> out;
        for (std::size_t i = 0; i < count; ++i) {
            auto const& name = names[i % names.size()];
            bool const rare =
                name == "store.log.before_checkpoint" || name == "store.data.before_sync";
            out.push_back({name, uniform(1, rare ? 2 : most_passes)});
        }
        return out;
    }

    void run(std::vector<kill_order> const& orders) {
        storm(orders);
        judge();
        EXPECT_GE(kills, static_cast<int>(orders.size()));
        std::printf("%d kills\n", kills);
    }

    void SetUp() override {
        watched = true;
        ASSERT_NO_FATAL_FAILURE(start_all());
    }
};

// 21-1, 10-21, 20-38, 21-30
TEST_F(CrashSuite, AtRandomMoments) {
    run(std::vector<kill_order>(static_cast<std::size_t>(share_of_kills(parts))));
}

TEST_F(CrashSuite, AtThePointsOfTheStore) {
    run(orders_at(store_points, 12));
}

TEST_F(CrashSuite, AtThePointsOfJobsAndPushes) {
    run(orders_at(job_points, 12));
}

// 21-24, 21-30
TEST_F(CrashSuite, AtThePointsOfDialoutsAndUploads) {
    run(orders_at(effect_points, 4));
}

// A point that no case kills at proves nothing.
TEST(CrashPoints, EachBelongsToACase) {
    for (auto const& point : fail::points) {
        int cases = 0;
        for (std::span<std::string_view const> const prefixes :
             {std::span<std::string_view const>(store_points),
              std::span<std::string_view const>(job_points),
              std::span<std::string_view const>(effect_points),
              std::span<std::string_view const>(worker_points),
              std::span<std::string_view const>(delivery_points),
              std::span<std::string_view const>(livekit_points),
              std::span<std::string_view const>(cache_points),
              std::span<std::string_view const>(upkeep_points),
              std::span<std::string_view const>(backup_points)})
            cases += is_among(point.name, prefixes) ? 1 : 0;
        EXPECT_EQ(cases, 1) << point.name;
        EXPECT_FALSE(point.promise.empty()) << point.name;
    }
}

// A text that is not understood is no test: the process does not start.
TEST(CrashPoints, RefusesWhatItDoesNotKnow) {
    for (char const* text :
         {"nowhere@1=kill", "push.sent=kill", "push.sent@0=kill", "push.sent@3-2=kill",
          "push.sent@1=die", "push.sent@1=wait:soon", "push.sent@x=kill", "push.sent@1"}) {
        auto const ran =
            test::run_program({binary("cxb-api"), "--version"}, {{"CXB_FAIL_POINTS", text}});
        EXPECT_EQ(ran.exit_code, 78) << text;
        EXPECT_NE(ran.errors.find("CXB_FAIL_POINTS: "), std::string::npos) << ran.errors;
    }
    EXPECT_EQ(test::run_program({binary("cxb-api"), "--version"},
                                {{"CXB_FAIL_POINTS", "push.sent@3=kill;jobs.claimed@*=wait:1"}})
                  .exit_code,
              0);
}

}  // namespace
}  // namespace cxb::e2e
