#include "cxb/contract/call_results/telemetry.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::call_results;

TEST(Telemetry, SampleKeepsWhatIsThere) {
    auto const text = R"({"turn":3,"at_seconds":4.25,"stt_ms":170,"tool_ms":640,"total_ms":1200.5,)"
                      R"("prompt_tokens":1800,"silence_ms":800,"interrupted":false})";
    auto const out = parse_latency_sample(text);
    ASSERT_TRUE(out) << out.error().to_log_text();
    EXPECT_EQ(serialize(*out), text);
    EXPECT_FALSE(out->rag_ms);
}

TEST(Telemetry, UsageDefaults) {
    auto const out = parse_usage_entry(R"({"kind":"stt","audio_seconds":92.5})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->requests, 1);
    EXPECT_EQ(serialize(*out), R"({"kind":"stt","audio_seconds":92.5})");
    EXPECT_EQ(parse_usage_entry(R"({"kind":"llm","requests":3})")->requests, 3);
}

TEST(Telemetry, LatencyOfAnOlderPeer) {
    auto const out = parse_latency(R"({"turns":2,"total_avg_response_ms":1050.0,"median":3})");
    ASSERT_TRUE(out);
    EXPECT_EQ(serialize(*out), R"({"turns":2,"total_avg_response_ms":1050})");
}

TEST(Telemetry, CacheSummaryDefaults) {
    auto const out = parse_cache_summary("{}");
    ASSERT_TRUE(out);
    EXPECT_EQ(*out, parts::cache_summary{});
}

}  // namespace
