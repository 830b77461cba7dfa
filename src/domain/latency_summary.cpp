#include "cxb/domain/latency_summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace cr = contract::call_results;
using sample_value = std::optional<real_milliseconds> cr::latency_sample::*;

std::vector<double> values_of(std::span<cr::latency_sample const> samples, sample_value member) {
    std::vector<double> out;
    for (auto const& sample : samples)
        if (auto const& value = sample.*member) out.push_back(value->count());
    return out;
}

std::optional<real_milliseconds> average(std::vector<double> const& values) {
    if (values.empty()) return std::nullopt;
    auto const sum = std::accumulate(values.begin(), values.end(), 0.0);
    return real_milliseconds{std::round(sum / double(values.size()) * 10) / 10};
}

/// The smallest value that at least 95 % of the values do not exceed.
std::optional<real_milliseconds> nearest_rank_p95(std::vector<double> values) {
    if (values.empty()) return std::nullopt;
    std::ranges::sort(values);
    auto const rank = (values.size() * 95 + 99) / 100;
    return real_milliseconds{values[rank - 1]};
}

}  // namespace

cr::latency latency_summary(std::span<cr::latency_sample const> samples) {
    auto const average_of = [&](sample_value member) {
        return average(values_of(samples, member));
    };
    cr::latency out;
    out.turns = int(samples.size());
    out.stt_avg_ms = average_of(&cr::latency_sample::stt_ms);
    out.rag_avg_ms = average_of(&cr::latency_sample::rag_ms);
    out.tool_avg_ms = average_of(&cr::latency_sample::tool_ms);
    out.llm_avg_ttfb_ms = average_of(&cr::latency_sample::llm_ms);
    out.tts_avg_ttfb_ms = average_of(&cr::latency_sample::tts_ms);
    out.total_avg_response_ms = average_of(&cr::latency_sample::total_ms);
    out.total_p95_response_ms = nearest_rank_p95(values_of(samples, &cr::latency_sample::total_ms));
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
