#pragma once
/// @file
/// Jobs: the after-effects of facts, as rows written in the same transaction as the fact
/// (spec 21 §9.1). What runs them is `job_runner.hpp`.
///
/// | member                    | type      | meaning                                            |
/// |---------------------------|-----------|----------------------------------------------------|
/// | _id                       | 24-hex    | the job's id                                       |
/// | kind                      | text      | which handler runs it                              |
/// | key                       | text      | unique: one row per effect, however often it is due |
/// | session_id, bot_id        | text      | absent when the job has none                       |
/// | state                     | text      | queued, running, done, dead, cancelled             |
/// | run_at                    | timestamp | not before                                         |
/// | attempts, max_attempts    | integer   | raised when an attempt begins                      |
/// | lease_owner, lease_until  |           | only while running                                 |
/// | stamped_at                | timestamp | when run_at or lease_until was set last            |
/// | fence                     | integer   | raised by every claim; older holders cannot write   |
/// | payload                   | object    | the handler's                                      |
/// | frozen_request            | object    | the handler's; absent until it freezes one         |
/// | history                   | list      | newest 20 of {at, status, ms, error}               |
/// | last_error                | text      | absent after success                               |
/// | created_at, done_at       | timestamp | done_at: when it became done, dead or cancelled     |

#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::server {

/// The collection; besides the members above `payload.call_rev`, `payload.endpoint_id` and
/// `frozen_request.webhook_id` may stand in filters (spec 21 §1.3, §10).
extern store::collection const jobs;

namespace job_state {
inline constexpr char const* queued = "queued";
inline constexpr char const* running = "running";
inline constexpr char const* done = "done";
inline constexpr char const* dead = "dead";
inline constexpr char const* cancelled = "cancelled";
/// For filters of people.
inline constexpr std::initializer_list<std::string_view> all = {queued, running, done, dead,
                                                                cancelled};
}  // namespace job_state

inline constexpr std::size_t job_history = 20;
inline constexpr std::chrono::days done_jobs_kept{7};
inline constexpr std::chrono::days dead_jobs_kept{90};

struct job_spec {
    std::string kind;
    std::string key;
    store::json_object payload;
    time_point run_at{};  ///< not set: at once
    int max_attempts = 10;
    std::string session_id;
    std::string bot_id;
};

/// The row of a new job, to be inserted with the fact that causes it. A row with the same key makes
/// the batch fail with `duplicate_key`.
[[nodiscard]] store::json_object make_job(job_spec spec, time_point now, random_source& random);

/// Adds to a batch: the job is due again at once, with all its attempts. Only from the state given
/// (`dead`; `done` for a replay). `must_match` false: no failure when it is in another state.
void add_requeue(store::batch& to, std::string_view id, time_point now,
                 char const* from_state = job_state::dead, bool must_match = true);

/// Adds to a batch: a queued or running job ends as cancelled. A worker that runs it cannot finish
/// it any more, but what it already did stays done.
void add_cancel(store::batch& to, std::string_view id, time_point now);

/// How many rows of a kind are in a state.
struct job_count {
    std::string kind;
    std::string state;
    std::int64_t count = 0;
};
/// Of the states somebody may have to look at: queued, running, dead.
[[nodiscard]] store::async<std::vector<job_count>> count_open_jobs(store::document_store& store);

/// What the clean-up removes: done and cancelled rows older than 7 days, dead ones older than 90.
[[nodiscard]] std::vector<store::filter> old_jobs(time_point now);

}  // namespace cxb::server
