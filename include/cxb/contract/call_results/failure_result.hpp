#pragma once
/// @file
/// The minimal result of a call that could not be run (spec 10 §7, §11.2): duration 0, nothing
/// said, the reason as one `service_error` event of the worker.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/contract/call_results/call_results.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

/// What is known about the call. Only `session_id` is needed.
///
/// | field      | absent means | note                                                           |
/// |------------|--------------|----------------------------------------------------------------|
/// | session_id | –            | the config's, else `_campaign_session_id`, else the call_id      |
/// | result_id  | none         | UUID; keep it for redeliveries                                 |
/// | started_at | unknown      | moment the call was accepted                                   |
/// | ended_at   | unknown      | also the moment of the event                                   |
struct result_ids {
    std::string session_id;
    std::optional<std::string> result_id;
    std::optional<std::string> bot_id;
    std::optional<std::string> worker_id;
    std::optional<std::string> stream_id;
    std::optional<std::string> caller_id;
    std::optional<std::string> from_number;
    std::optional<open_enum<parts::call_direction>> call_direction;
    std::optional<time_point> started_at;
    std::optional<time_point> ended_at;
};

/// `word` is the disconnected_by (`error`, `outside_hours`, …). A non-empty `reason`
/// (`worker_crashed`, `handler_failed`, `result_missing`, …) becomes the code of an event
/// service_error{worker}; "" adds none.
[[nodiscard]] call_results make_failure_result(result_ids const& ids, std::string_view word,
                                               std::string_view reason);

}  // namespace contract::call_results
}  // namespace cxb::inline v1
CXB_EXPORT_END
