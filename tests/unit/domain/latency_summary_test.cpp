#include "cxb/domain/latency_summary.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using contract::call_results::latency_sample;

std::vector<latency_sample> totals(std::initializer_list<double> values) {
    std::vector<latency_sample> out;
    for (double const value : values) {
        latency_sample sample;
        sample.turn = int(out.size()) + 1;
        if (value >= 0) sample.total_ms = real_milliseconds{value};
        out.push_back(sample);
    }
    return out;
}

TEST(LatencySummary, ExampleOfTheSpec) {
    auto const out = domain::latency_summary(totals({800, 1000, 1500, -1}));
    EXPECT_EQ(out.turns, 4);
    EXPECT_EQ(out.total_avg_response_ms, real_milliseconds{1100.0});
    EXPECT_EQ(out.total_p95_response_ms, real_milliseconds{1500});
    EXPECT_FALSE(out.stt_avg_ms) << "no sample has the value";
}

TEST(LatencySummary, EachValueHasItsAverage) {
    latency_sample a;
    a.stt_ms = real_milliseconds{180};
    a.rag_ms = real_milliseconds{10};
    a.tool_ms = real_milliseconds{640};
    a.llm_ms = real_milliseconds{400};
    a.tts_ms = real_milliseconds{320};
    latency_sample b;
    b.stt_ms = real_milliseconds{170.25};
    b.llm_ms = real_milliseconds{421};
    auto const out = domain::latency_summary(std::vector{a, b});
    EXPECT_EQ(out.stt_avg_ms, real_milliseconds{175.1}) << "one decimal";
    EXPECT_EQ(out.rag_avg_ms, real_milliseconds{10});
    EXPECT_EQ(out.tool_avg_ms, real_milliseconds{640});
    EXPECT_EQ(out.llm_avg_ttfb_ms, real_milliseconds{410.5});
    EXPECT_EQ(out.tts_avg_ttfb_ms, real_milliseconds{320});
    EXPECT_FALSE(out.total_p95_response_ms);
}

TEST(LatencySummary, NearestRank) {
    std::vector<latency_sample> samples;
    for (int i = 100; i >= 1; --i) {
        latency_sample sample;
        sample.total_ms = real_milliseconds{double(i)};
        samples.push_back(sample);
    }
    EXPECT_EQ(domain::latency_summary(samples).total_p95_response_ms, real_milliseconds{95});
    samples.resize(20);  // 100 … 81
    EXPECT_EQ(domain::latency_summary(samples).total_p95_response_ms, real_milliseconds{99});
    EXPECT_EQ(domain::latency_summary(totals({7})).total_p95_response_ms, real_milliseconds{7});
    EXPECT_EQ(domain::latency_summary({}).turns, 0);
}

}  // namespace
