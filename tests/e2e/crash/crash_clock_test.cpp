// The wall clock of the running API is stepped by an hour, back and forth, under load. Nothing that
// waits is lost or late by the step, nothing runs twice, what is young is kept.
#include <fcntl.h>
#include <unistd.h>

#include "cxb/base/ids.hpp"
#include "e2e/crash/crash_load.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;

class CrashSuiteClock : public crash_load {
  protected:
    void SetUp() override {
        set_clock(0ms);
        crm.believe_timestamps();
        ASSERT_NO_FATAL_FAILURE(start_all({{"CXB_CLOCK_OFFSET_FILE", file_.string()}}));
    }
    // The API's clock is that far from the machine's.
    void set_clock(milliseconds offset) {
        std::int64_t const number = offset.count();
        int const fd = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ASSERT_GE(fd, 0);
        EXPECT_EQ(::pwrite(fd, &number, sizeof number, 0), static_cast<ssize_t>(sizeof number));
        ::close(fd);
        offset_ = offset;
        clock_moved = clock_moved || offset != 0ms;
    }

    // The API tells the time it is set to.
    bool tells_its_time() {
        auto const session = "time-" + new_uuid7();
        EXPECT_EQ(post_result(http, full_result(session, bot)).status, 200);
        auto const at = parse_timestamp(wire::text_at(call_of(session), "created_at"));
        if (!at) return false;
        auto const away = *at - (real_clock().now() + offset_);
        return away < 5s && away > -5s;
    }

  private:
    std::filesystem::path const file_ = scratch / "clock";
    milliseconds offset_{0};
};

TEST_F(CrashSuiteClock, StepsByAnHourUnderLoad) {
    raise();
    for (auto const step : {0h, 1h, 0h, -1h, 0h, 1h, -1h, 0h}) {
        EXPECT_TRUE(makes_progress());
        crm.answer_with(503, 2);  // pushes wait for their next try at the step
        run_on(std::chrono::milliseconds(uniform(100, 600)));
        set_clock(step);
        crm.answer_with(200);
        EXPECT_TRUE(makes_progress()) << step.count();
        EXPECT_TRUE(tells_its_time()) << step.count();
    }
    calm();
    // The last step was one back: what waits now waits as long as it was told to.
    judge();
}

// The lease of a killed process ends after its time although the clock stepped back meanwhile.
TEST_F(CrashSuiteClock, StepsBackWhileNobodyRuns) {
    raise();
    for (int round = 0; round < 4; ++round) {
        set_clock(1h);
        crm.answer_with(503, 2);
        EXPECT_TRUE(makes_progress());
        kill_by({});
        set_clock(round % 2 == 0 ? 0h : -1h);
        launch_api(settings());
        wait_api();
        crm.answer_with(200);
        EXPECT_TRUE(makes_progress());
    }
    set_clock(0h);
    calm();
    judge();
    std::printf("%d kills\n", kills);
}

// 21-24, 20 §2: links and tokens live by the wall clock, and a step is no reason to refuse them
// before their end.
TEST_F(CrashSuiteClock, TokensAndLinksEndAtTheirMoment) {
    auto const config =
        as_core("GET", api_url + "/api/v1/config/" + bot + "?fetch_id=" + new_uuid7());
    ASSERT_EQ(config.status, 200) << config.text;
    std::string const link(wire::text_at(config.body, "recording.storage.upload_url"));
    auto const put = [&] {
        return http.call("PUT", link, {{"Content-Type", "audio/wav"}}, "sound").status;
    };
    auto const me = [&] { return admin("GET", "/api/v1/auth/me").status; };
    for (auto const step : {1h, -1h, 0h}) {
        set_clock(step);
        EXPECT_EQ(put(), 201) << step.count();
        EXPECT_EQ(me(), 200) << step.count();
    }
    set_clock(9h);  // a token lives 8 h
    EXPECT_EQ(me(), 401);
    EXPECT_EQ(put(), 201);
    set_clock(48h);  // a link at most a day longer than the longest call
    EXPECT_EQ(put(), 403);
    set_clock(0h);
    EXPECT_EQ(me(), 200);
    EXPECT_EQ(put(), 201);
}

}  // namespace
}  // namespace cxb::e2e
