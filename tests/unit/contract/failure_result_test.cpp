#include "cxb/contract/call_results/failure_result.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

// 10-34: the minimal result of a crashed worker.
TEST(FailureResult, WorkerCrashed) {
    result_ids ids;
    ids.session_id = "s1";
    ids.result_id = "019436f4-0000-7000-8000-000000000001";
    ids.started_at = *parse_timestamp("2026-01-02T03:04:05Z");
    ids.ended_at = *parse_timestamp("2026-01-02T03:05:00Z");
    auto const out = make_failure_result(ids, "error", "worker_crashed");
    ASSERT_TRUE(validate(out));
    EXPECT_EQ(
        serialize(out),
        R"({"session_id":"s1","result_id":"019436f4-0000-7000-8000-000000000001","result_seq":1,)"
        R"("call_start_time":"2026-01-02T03:04:05.000Z",)"
        R"("call_end_time":"2026-01-02T03:05:00.000Z",)"
        R"("call_duration_seconds":0,"disconnected_by":"error","has_customer_message":false,)"
        R"("events":[{"type":"service_error","timestamp":"2026-01-02T03:05:00.000Z",)"
        R"("at_seconds":0,)"
        R"("name":"worker","data":{"code":"worker_crashed","message":"worker_crashed",)"
        R"("retried":false,"fallback_used":false}}],"was_transferred":false})");
}

// 10-26: outside hours, duration 0, no event.
TEST(FailureResult, OutsideHours) {
    result_ids ids;
    ids.session_id = "camp-session";
    ids.call_direction = call_direction::outbound;
    auto const out = make_failure_result(ids, "outside_hours", "");
    EXPECT_EQ(serialize(out),
              R"({"session_id":"camp-session","result_seq":1,"call_direction":"outbound",)"
              R"("call_duration_seconds":0,"disconnected_by":"outside_hours",)"
              R"("has_customer_message":false,"was_transferred":false})");
    EXPECT_FALSE(out.events);
}

}  // namespace
