#pragma once
/// @file
/// Metric families of `cxb-core` (spec 80 §10, C§11.4).

#include <span>

#include "server/common/metrics.hpp"

namespace cxb::inline v1 {
namespace core {

[[nodiscard]] std::span<server::metric_decl const> core_metrics() noexcept;

/// Several expositions as one: samples get the label `worker`, families stay together.
[[nodiscard]] std::string merge_expositions(
    std::vector<std::pair<std::string, std::string>> const& by_worker);

}  // namespace core
}  // namespace cxb::inline v1
