// What is below the processes fails under load: a disk that is full, one that has become slow. What
// was acknowledged stays, callers get an answer in time, and all goes on without a restart.
#include "e2e/crash/crash_load.hpp"
#include "e2e/small_disk.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;

class CrashSuiteDisk : public crash_load {
  protected:
    bool is_ready() { return http.call("GET", api_url + "/ready").status == 200; }
};

// 20-44
TEST_F(CrashSuiteDisk, IsFullUnderLoadAndHasRoomAgain) {
    small_disk const disk(scratch / "data", "size=48m");
    ASSERT_TRUE(disk.there()) << "no small disk can be mounted here: " << disk.why();
    patience = 15s;
    ASSERT_NO_FATAL_FAILURE(start_all());
    raise();
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(makes_progress());
        auto const refused = unavailable.load();
        disk.fill();
        // The space the store has already is used up before it refuses.
        EXPECT_TRUE(test::eventually(
            [&] {
                disk.fill();
                return unavailable > refused + 10;
            },
            60s));
        EXPECT_EQ(http.call("GET", api_url + "/health").status, 200);
        disk.make_room();
        EXPECT_TRUE(makes_progress(60s)) << "round " << round;
        EXPECT_TRUE(test::eventually([&] { return is_ready(); }));
    }
    calm();
    judge();
    kill_api();  // before the disk goes
}

// Each commit takes 0.4 s for a while: slower, within the deadline, and fast again.
TEST_F(CrashSuiteDisk, HasSpikesOfLatency) {
    ASSERT_NO_FATAL_FAILURE(
        start_all({{"CXB_FAIL_POINTS", "store.group.before_commit@60-90=wait:400"}}));
    raise();
    EXPECT_TRUE(test::eventually([&] { return longest_ms >= 400; }, 60s));
    EXPECT_TRUE(test::eventually([&] { return fast_again(100ms); }, 60s));
    calm();
    EXPECT_LT(longest_ms, 10'000);
    judge();
}

// One commit takes longer than any request may: the callers hear so at their deadline, and the
// repeats of what was written all the same change nothing.
TEST_F(CrashSuiteDisk, HangsForLongerThanARequestMayTake) {
    ASSERT_NO_FATAL_FAILURE(
        start_all({{"CXB_FAIL_POINTS", "store.group.before_commit@60=wait:6000"},
                   {"CXB_HTTP_REQUEST_TIMEOUT_SECONDS", "2"}}));
    raise();
    EXPECT_TRUE(test::eventually([&] { return unavailable > 0; }, 60s));
    EXPECT_TRUE(test::eventually([&] { return fast_again(100ms); }, 60s));
    calm();
    EXPECT_GE(longest_ms, 1'500);
    EXPECT_LT(longest_ms, 4'000);
    judge();
}

}  // namespace
}  // namespace cxb::e2e
