#pragma once
/// @file
/// Averages of a call's answer times (spec 10 §4.4): over the samples that have the value, one
/// decimal; p95 by nearest rank; a value that no sample has stays absent. Example: total_ms 800,
/// 1000, 1500 and one without → turns 4, average 1100.0, p95 1500.
/// Thread-safety: a pure function.

#include <span>

#include "cxb/contract/call_results/telemetry.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

[[nodiscard]] contract::call_results::latency latency_summary(
    std::span<contract::call_results::latency_sample const> samples);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
