#include "cxb/contract/call_results/failure_result.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {
namespace {

event_item worker_error(std::string_view reason, std::optional<time_point> at) {
    event_item out;
    out.type = event_type::service_error;
    out.timestamp = at;
    out.at_seconds = real_seconds{0};
    out.name = "worker";
    out.data = wire::raw_json::from_object(
        {{"code", reason}, {"message", reason}, {"retried", false}, {"fallback_used", false}});
    return out;
}

}  // namespace

call_results make_failure_result(result_ids const& ids, std::string_view word,
                                 std::string_view reason) {
    parts::call_results out;
    out.session_id = ids.session_id;
    out.result_id = ids.result_id;
    out.bot_id = ids.bot_id;
    out.worker_id = ids.worker_id;
    out.stream_id = ids.stream_id;
    out.caller_id = ids.caller_id;
    out.from_number = ids.from_number;
    out.call_direction = ids.call_direction;
    out.call_start_time = ids.started_at;
    out.call_end_time = ids.ended_at;
    out.call_duration_seconds = real_seconds{0};
    out.disconnected_by = open_enum<disconnect_word>::from_text(word);
    out.has_customer_message = false;
    out.was_transferred = false;
    if (!reason.empty()) out.events = {worker_error(reason, ids.ended_at)};
    return out;
}

}  // namespace contract::call_results
}  // namespace cxb::inline v1
