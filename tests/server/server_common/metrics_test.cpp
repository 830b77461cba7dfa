#include "server/common/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace cxb::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr metric_decl own[] = {{"cxb_core_worker_flapping", metric_kind::gauge, "worker", "help"}};

TEST(Metrics, CountsAndExposes) {
    metrics_registry metrics{{own}};
    auto const timeouts = metrics.get_counter("cxb_prefetch_total", {"timeout"});
    timeouts.add();
    timeouts.add(2);
    EXPECT_EQ(timeouts.value(), 3);
    EXPECT_EQ(metrics.get_counter("cxb_prefetch_total", {"timeout"}).value(), 3);
    metrics.get_gauge("cxb_core_worker_flapping", {"2"}).set(1);
    metrics.get_histogram("cxb_push_seconds").observe(0.3);
    auto const text = metrics.expose();
    EXPECT_THAT(text, HasSubstr("cxb_prefetch_total{outcome=\"timeout\"} 3"));
    EXPECT_THAT(text, HasSubstr("cxb_core_worker_flapping{worker=\"2\"} 1"));
    EXPECT_THAT(text, HasSubstr("cxb_push_seconds_bucket{le=\"0.5\"} 1"));
    EXPECT_THAT(text, HasSubstr("cxb_push_seconds_bucket{le=\"0.25\"} 0"));
    EXPECT_THAT(text, HasSubstr("# TYPE cxb_push_seconds histogram"));
}

TEST(Metrics, RefreshesWhatIsReadAtScrape) {
    metrics_registry metrics;
    auto const depth = metrics.get_gauge("cxb_store_queue_depth");
    int calls = 0;
    metrics.on_scrape([&] { depth.set(++calls); });
    EXPECT_THAT(metrics.expose(), HasSubstr("cxb_store_queue_depth 1"));
    EXPECT_THAT(metrics.expose(), HasSubstr("cxb_store_queue_depth 2"));
}

TEST(Metrics, ASetOfGaugesShowsWhatIsThereNow) {
    metrics_registry metrics;
    metrics.set_gauges("cxb_jobs", {{{"push", "queued"}, 3}, {{"push", "dead"}, 1}});
    metrics.set_gauges("cxb_jobs", {{{"push", "queued"}, 2}, {{"clean", "queued"}, 7}});
    auto const text = metrics.expose();
    EXPECT_THAT(text, HasSubstr("cxb_jobs{kind=\"push\",state=\"queued\"} 2"));
    EXPECT_THAT(text, HasSubstr("cxb_jobs{kind=\"clean\",state=\"queued\"} 7"));
    EXPECT_THAT(text, Not(HasSubstr("dead")));
    metrics.set_gauges("cxb_jobs", {});
    EXPECT_THAT(metrics.expose(), Not(HasSubstr("cxb_jobs{")));
}

TEST(Metrics, UndeclaredNamesAreBugs) {
    metrics_registry metrics;
    EXPECT_THROW((void)metrics.get_counter("cxb_nothing"), std::logic_error);
    EXPECT_THROW((void)metrics.get_gauge("cxb_prefetch_total", {"x"}), std::logic_error);
    EXPECT_THROW((void)metrics.get_counter("cxb_prefetch_total"), std::logic_error);
    EXPECT_THROW((metrics_registry{{own, own}}), std::logic_error);
}

TEST(Metrics, AnUnsetHandleIsHarmless) {
    counter{}.add();
    gauge{}.set(1);
    histogram{}.observe(1);
    EXPECT_EQ(counter{}.value(), 0);
}

TEST(Metrics, HasEveryNameOfTheSpecification) {
    std::set<std::string_view> names;
    for (auto const& row : shared_metrics())
        names.insert(row.name);
    for (auto const* name :
         {"cxb_http_requests_total", "cxb_http_request_seconds", "cxb_config_build_seconds",
          "cxb_config_total", "cxb_prefetch_total", "cxb_results_total", "cxb_calls_active",
          "cxb_jobs", "cxb_push_total", "cxb_push_seconds", "cxb_fleet_slots", "cxb_dialout_total",
          "cxb_store_commit_seconds", "cxb_store_queue_depth", "cxb_login_failures_total",
          "cxb_guard_refused_total", "cxb_loop_last_run_seconds"})
        EXPECT_TRUE(names.contains(name)) << name;
}

}  // namespace
}  // namespace cxb::server
