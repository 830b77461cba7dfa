#pragma once
/// @file
/// The answer to an enqueue request (spec 10 §10).
///
/// | field                   | absent means | meaning                                            |
/// |-------------------------|--------------|----------------------------------------------------|
/// | status                  | required     | state of the waiting call, an open word            |
/// | call_id                 | required     | as in the request                                  |
/// | session_id              | ""           | the desk's own record of the call                  |
/// | position                | 0            | place in the queue, 1 = next                       |
/// | waiting_timeout_seconds | 0            | how long the caller may wait in all                |
/// | deadline_at             | not told     | when that is over                                  |
/// | eligible_available      | 0            | agents who could take the call now                 |
/// | duplicate               | false        | it was there already; nothing happened             |
/// | transcribe              | false        | stay in the room and post the agent's conversation |
///
/// Unknown members are ignored. Thread-safety: a plain value.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::agent_desk {

struct enqueue_ack {
    std::string status;
    std::string call_id;
    std::string session_id;
    int position = 0;
    std::chrono::seconds waiting_timeout_seconds{0};
    std::optional<time_point> deadline_at;
    int eligible_available = 0;
    bool duplicate = false;
    bool transcribe = false;
    friend bool operator==(enqueue_ack const&, enqueue_ack const&) = default;
};
CXB_WIRE_DECLARE(enqueue_ack);

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
CXB_EXPORT_END
