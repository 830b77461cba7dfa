#pragma once
/// @file
/// The answers of `GET /analytics/...` (spec 21 §11), read from `call_rollups` by slot. Calls that
/// are still active are in no counter; they are few and read by their status. Both looks are not of
/// one moment: a call that ends between them may be missing from one answer.
///
/// Failures: those of the store. Thread-safety: usable from all event loops. The store and the
/// arguments given by reference must outlive the coroutine.

#include <vector>

#include "cxb/store/document_store.hpp"
#include "server/api/analytics/analytics_range.hpp"

namespace cxb::api {

/// Counts of a range: `calls`, `connected`, `connect_rate`, `avg_duration_seconds`,
/// `talk_seconds`, `transferred`, `pushes`.
[[nodiscard]] store::async<wire::json_object> count_calls(store::document_store& from,
                                                          analytics_range range);

/// One row per bucket; `starts` as `bucket_starts` gives them.
[[nodiscard]] store::async<wire::json_array> count_by_time(store::document_store& from,
                                                           analytics_range range,
                                                           std::vector<time_point> starts);

/// `by`: disposition, disconnected_by, bot_id, campaign_id. The most frequent `limit` ones, then
/// one row for all others if there are any.
[[nodiscard]] store::async<wire::json_array> count_outcomes(store::document_store& from,
                                                            analytics_range range, std::string by,
                                                            std::size_t limit);

[[nodiscard]] store::async<wire::json_object> measure_latency(store::document_store& from,
                                                              analytics_range range);

[[nodiscard]] store::async<wire::json_array> sum_usage(store::document_store& from,
                                                       analytics_range range);

}  // namespace cxb::api
