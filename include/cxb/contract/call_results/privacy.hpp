#pragma once
/// @file
/// What must not stand in a result, and how long texts are cut (spec 10 §1.3, §4.1).
///
/// Thread-safety: pure functions.

#include <cstddef>
#include <string_view>

#include "cxb/base/limits.hpp"
#include "cxb/wire/json_fwd.hpp"
#include "cxb/wire/raw_json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

/// Names that hold secrets: `*key`, `*secret*`, `*token*`, `*password*` in any case; not
/// `prompt_cache_key`.
[[nodiscard]] bool is_secret_name(std::string_view name);

/// The snapshot with every member of a secret name, at any depth, replaced by `"***"`.
/// `serialize` and `parse_call_results` do this themselves.
[[nodiscard]] wire::raw_json redact_pipeline_config(wire::raw_json const& config);

/// `data` of an event that fits into `max_bytes`: the longest texts are cut first, then the largest
/// members left out, and `"truncated":true` says so. Data that fits comes back unchanged.
[[nodiscard]] wire::raw_json cut_event_data(wire::json_object const& data,
                                            std::size_t max_bytes = limits::item_json);

}  // namespace contract::call_results
}  // namespace cxb::inline v1
CXB_EXPORT_END
