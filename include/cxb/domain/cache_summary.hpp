#pragma once
/// @file
/// What the prompt cache saved after a call (spec 10 §4.4).
///
/// Counted are the usage entries of kinds post_call and qc: sums of cache reads, cache writes and
/// completion tokens; fresh prompt tokens are the given value, else prompt minus reads minus
/// writes (at least 0). `enabled`: some entry asked for the cache, or has a status other than
/// disabled. `worked`: something was read. Example: post_call {5200, read 4096, hit} and qc {3000,
/// creation 2048, created} give read 4096, creation 2048, fresh 2056.
/// Thread-safety: a pure function.

#include <optional>
#include <span>

#include "cxb/contract/call_results/telemetry.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Empty when no entry is of kind post_call or qc.
[[nodiscard]] std::optional<contract::call_results::cache_summary> cache_summary(
    std::span<contract::call_results::usage_entry const> usage);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
