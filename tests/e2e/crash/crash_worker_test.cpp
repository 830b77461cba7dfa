// kill -9 of a worker of the Core, at random moments and at its fail-points, while it takes calls:
// a call it has answered 200 ends in the API, once, whatever became of the process.
#include <csignal>
#include <thread>

#include "cxb/base/ids.hpp"
#include "e2e/crash/crash_load.hpp"
#include "src/base/fail_point_table.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;

constexpr int parts = 8;
constexpr int worker_passes = 9;

class CrashSuiteWorker : public crash_load {
  protected:
    void SetUp() override { ASSERT_NO_FATAL_FAILURE(start_all()); }

    // One worker alone, without a supervisor that would start it again.
    void launch_worker(std::string const& points) {
        std::filesystem::remove(ready_);
        environment all = worker_settings();
        if (!points.empty()) all["CXB_FAIL_POINTS"] = points;
        worker_ = start_program(
            "worker-" + std::to_string(++starts_),
            {binary("cxb-core"), "worker", "--id", "1", "--ready-file", ready_.string()}, all);
    }
    environment worker_settings() {
        return {{"CXB_CORE_WORKERS", "1"},
                {"CXB_CORE_MAX_CONCURRENT_CALLS", "4"},
                {"CXB_CORE_SOCKET", (scratch / "worker-{id}.sock").string()},
                {"CXB_CORE_SECRET", core_secret},
                {"CXB_CORE_CONFIG_URL", api_url + "/api/v1/config"},
                {"CXB_LOG_LEVEL", "debug"},
                {"CXB_CORE_MEDIA", "simulated"},
                {"CXB_CORE_SIM_FAST", "true"},
                {"CXB_CORE_OUTBOX_DIR", (scratch / "outbox").string()},
                {"CXB_CORE_RECORDINGS_DIR", (scratch / "recordings").string()}};
    }
    void wait_worker() {
        auto const told = worker_->wait_ready(ready_, 60s);
        ASSERT_TRUE(told) << worker_->log_text();
        auto const url = std::string(wire::text_at(*told, "url"));
        // It stays the same; threads that go on over a restart read it.
        if (url != url_) url_ = url;
    }

    // As the API does after a dialout order.
    void dial_on(std::string const& name) {
        http_caller own(10s);
        for (int n = 0; !over; ++n) {
            auto const session = name + "-" + std::to_string(n);
            auto const got = own.call(
                "POST", url_ + ":/livekit/dialout", {{"X-CXBCore-Secret", core_secret}},
                wire::to_text(wire::json_object{
                    {"bot_id", bot},
                    {"to_number", caller_number},
                    {"config_url", api_url + "/api/v1/config"},
                    {"dial_id", new_uuid7()},
                    {"connected_event",
                     {{"_campaign_session_id", session}, {"sim_script", "hangup_early"}}}}));
            if (got.status == 200) promise(session);
            EXPECT_LT(got.status, 500) << got.text;
            EXPECT_NE(got.status, 422) << got.text;
            test::short_pause();
        }
    }

    // Until the process ends, by a point or by the test.
    void kill_worker(kill_order const& order) {
        launch_worker(order.point.empty()
                          ? std::string()
                          : order.point + "@" + std::to_string(order.passing) + "=kill");
        if (order.point.empty()) {
            ASSERT_NO_FATAL_FAILURE(wait_worker());
            run_on(std::chrono::milliseconds(uniform(0, 600)));
            worker_->signal(SIGKILL);
        }
        EXPECT_EQ(worker_->wait_exit(60s), 128 + SIGKILL) << order.point << "@" << order.passing;
        ++kills;
    }

    std::size_t files_in(char const* part) {
        std::size_t count = 0;
        for (auto const& each : std::filesystem::directory_iterator(scratch / "outbox/1" / part))
            count += each.is_regular_file() ? 1 : 0;
        return count;
    }

    std::unique_ptr<test::child_process> worker_;

  private:
    std::filesystem::path ready_ = scratch / "worker.ready";
    std::string url_;
    int starts_ = 0;
};

// 10-31, 10-34: answered 200 means it will be told, after any number of crashes.
TEST_F(CrashSuiteWorker, EndsEveryCallItHasTaken) {
    std::vector<kill_order> orders;
    for (auto const& point : fail::points)
        if (point.name.starts_with("outbox.") || point.name.starts_with("worker."))
            orders.push_back({std::string(point.name), uniform(1, worker_passes)});
    auto const points = orders;
    while (orders.size() < static_cast<std::size_t>(share_of_kills(parts)))
        orders.push_back(orders.size() % 3 == 0
                             ? kill_order{}
                             : kill_order{points[orders.size() % points.size()].point,
                                          uniform(1, worker_passes)});
    launch_worker({});
    ASSERT_NO_FATAL_FAILURE(wait_worker());
    {
        std::jthread const first([this] { dial_on("worker-a"); });
        std::jthread const second([this] { dial_on("worker-b"); });
        auto const all_over = std::shared_ptr<void>(nullptr, [this](void*) { over = true; });
        EXPECT_TRUE(test::eventually([&] { return promised() > 3; }));
        worker_->signal(SIGKILL);
        EXPECT_EQ(worker_->wait_exit(), 128 + SIGKILL);
        ++kills;
        for (auto const& order : orders)
            kill_worker(order);
        launch_worker({});
        wait_worker();
        auto const before = promised();
        EXPECT_TRUE(test::eventually([&] { return promised() > before; }));
    }
    EXPECT_TRUE(test::eventually([&] { return files_in("calls") + files_in("new") == 0; }, 60s));
    EXPECT_EQ(files_in("dead"), 0U);
    EXPECT_EQ(files_in("tmp"), 0U);
    judge();
    std::printf("%d kills of a worker\n", kills);
    worker_->signal(SIGTERM);
    EXPECT_EQ(worker_->wait_exit(), 0);
}

}  // namespace
}  // namespace cxb::e2e
