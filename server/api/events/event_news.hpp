#pragma once
/// @file
/// What listeners of `GET /events/stream` are told (spec 21 §10), and how it is read off what is
/// committed. Pure.
///
/// | type          | topic    | data                                                            |
/// |---------------|----------|-----------------------------------------------------------------|
/// | call.created  | calls    | session_id, bot_id, campaign_id, status, call_type, ...         |
/// | call.updated  | calls    | session_id and those states that were written                   |
/// | push.updated  | calls    | session_id, job_id, push_state of that job                      |
/// | fleet.status  | fleet    | hosts, healthy, total_capacity, active_calls, available         |
/// | job.dead      | jobs     | job_id, kind, session_id, bot_id, attempts                      |
/// | settings.changed | settings | version                                                      |
///
/// News name things and say how they stand. Numbers, names, texts and URLs never stand in them:
/// who may see more asks for it. `campaigns` and `knowledge` are topics whose writers come with
/// their chapters.
/// Thread-safety: pure functions over values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// Subjects that a stream may be limited to.
inline constexpr std::string_view event_topics[] = {"calls",    "fleet",     "jobs",
                                                    "settings", "campaigns", "knowledge"};

/// One of `event_topics` for a type; "" for a type that nobody knows.
[[nodiscard]] std::string_view topic_of(std::string_view type) noexcept;

struct event_news {
    std::string type;
    wire::json_object data;
};

/// What a batch tells once it is applied: calls made and changed, and their pushes. A call that is
/// written several times is told once.
[[nodiscard]] std::vector<event_news> news_of(store::batch const& writes);

/// `job.dead` when this row of `jobs` has just ended so.
[[nodiscard]] std::optional<event_news> news_of_job(wire::json_object const& row);

}  // namespace cxb::api
