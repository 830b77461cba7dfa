#include "e2e/crash/crash_subject.hpp"

#include <csignal>
#include <fstream>

#include "support/sqlite_shell.hpp"

namespace cxb::e2e {

using namespace std::chrono_literals;

void crash_subject::SetUp() {
    step_clock(0ms);
    crm.believe_timestamps();
    more["CXB_CLOCK_OFFSET_FILE"] = clock_file_.string();
    more["CXB_LOOPS_LEASE_SECONDS"] = "5";
}

void crash_subject::launch_dying(std::string const& point, int passing) {
    auto all = more;
    armed_ = point + "@" + std::to_string(passing);
    all["CXB_FAIL_POINTS"] = armed_ + "=kill";
    launch_api(all);
}

void crash_subject::start_dying(std::string const& point, int passing) {
    launch_dying(point, passing);
    wait_api();
}

void crash_subject::expect_death() {
    auto const ended = api->wait_exit(60s);
    EXPECT_EQ(ended, 128 + SIGKILL) << armed_ << " is not passed\n" << api->log_text();
    if (!ended) kill_api();
}

void crash_subject::start_sound() {
    start_api(more);
}

// The file is mapped by those who run, so it is written in its place.
void crash_subject::step_clock(std::chrono::milliseconds by) {
    ahead_ += by;
    std::int64_t const number = ahead_.count();
    if (!std::filesystem::exists(clock_file_)) std::ofstream(clock_file_).flush();
    std::fstream file(clock_file_, std::ios::in | std::ios::out | std::ios::binary);
    file.write(reinterpret_cast<char const*>(&number), sizeof number);
    file.flush();
    ASSERT_TRUE(file.good());
}

std::string crash_subject::rows(std::string const& sql) {
    auto const ran = test::run_sqlite((scratch / "data/cxb.db").string(), sql);
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    return ran.output;
}

bool crash_subject::rows_become(std::string const& sql, std::string const& wanted) {
    return asking_eventually([&] { return rows(sql) == wanted; }, 60s);
}

}  // namespace cxb::e2e
