#pragma once
/// @file
/// What is posted to a webhook endpoint (spec 10 §10): a small envelope, signed as
/// `webhook/signature.hpp` says.
///
/// | field     | absent means | meaning                                                          |
/// |-----------|--------------|------------------------------------------------------------------|
/// | type      | required     | what happened; receivers skip words they do not know             |
/// | timestamp | required     | when it happened                                                 |
/// | data      | `{}`         | with `session_id` and `bot_id` where they exist                  |
///
/// Order is not promised; repeats are told by the header `webhook-id`. Unknown members are ignored.
/// Thread-safety: a plain value.

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"
#include "cxb/wire/raw_json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::webhook {

/// What happened. Words on the wire hold a dot: `call.completed`. The list grows; a receiver keeps
/// words it does not know as text.
enum class event_type {
    call_started,
    call_completed,
    call_updated,
    recording_ready,
    recording_failed,
    campaign_started,
    campaign_paused,
    campaign_completed,
    callback_scheduled,
    desk_queued,
    desk_accepted,
    desk_ended,
    webhook_test,
};

}  // namespace contract::webhook

template <>
struct enum_words<contract::webhook::event_type> {
    using e = contract::webhook::event_type;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::call_started, "call.started"},
        {e::call_completed, "call.completed"},
        {e::call_updated, "call.updated"},
        {e::recording_ready, "recording.ready"},
        {e::recording_failed, "recording.failed"},
        {e::campaign_started, "campaign.started"},
        {e::campaign_paused, "campaign.paused"},
        {e::campaign_completed, "campaign.completed"},
        {e::callback_scheduled, "callback.scheduled"},
        {e::desk_queued, "desk.queued"},
        {e::desk_accepted, "desk.accepted"},
        {e::desk_ended, "desk.ended"},
        {e::webhook_test, "webhook.test"}};
};

namespace contract::webhook {

struct webhook_event {
    open_enum<event_type> type;
    time_point timestamp;
    wire::raw_json data = wire::raw_json::object();
    friend bool operator==(webhook_event const&, webhook_event const&) = default;
};
CXB_WIRE_DECLARE(webhook_event);

}  // namespace contract::webhook
}  // namespace cxb::inline v1
CXB_EXPORT_END
