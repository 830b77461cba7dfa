#pragma once
/// @file
/// When a finished call causes a CRM push, and the job row that carries it (spec 21 §1.3). The row
/// is written in the transaction of the result; `push_handler` works it off.
///
/// | key                          | cause                                              |
/// |------------------------------|----------------------------------------------------|
/// | `push:{session_id}:1`        | first result stored                                |
/// | `push:{session_id}:2`        | full result after a minimal one was pushed already |
/// | `push:{session_id}:u{rev}`   | changed result, when the bot wants updates         |
/// | `push:{session_id}:r{k}`     | rebuild asked for by a person                      |

#include <string>

#include "cxb/domain/call_rollup.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/bots/bot_directory.hpp"

namespace cxb::api {

inline constexpr std::string_view push_kind = "crm_push";

/// `state` is the call's `push_state`: none (nothing configured), skipped, queued.
struct push_plan {
    bool wanted = false;
    std::string state = "none";
    std::string reason;  ///< no_push_config, push_disabled, skip_post_push, agent_call; "" = wanted
};

/// `bot` may be null (unknown) or deleted; the other two are members of the call as it will stand.
[[nodiscard]] push_plan plan_push(bot_entry const* bot, bool skip_post_push,
                                  std::string_view call_type);

struct push_order {
    std::string session_id;
    std::string bot_id;
    std::string suffix;  ///< `1`, `2`, `u7`, `r1`
    std::string base;    ///< of public links
    std::int64_t call_rev = 0;
    int max_attempts = 10;
    std::string mode = "result";
    /// Where the push is counted; none: nowhere (test and agent calls).
    std::optional<domain::rollup_key> counted_in;
};

/// Returns the id of the row. The call keeps that of its newest push as `push_job`, for only that
/// one tells how the push of the call stands. `counts` gets the push as queued.
std::string add_push_job(store::batch& writes, domain::rollup_changes& counts, push_order order,
                         time_point now, random_source& random);

/// Counts that a push job goes from one state to another (`job_state`; "" = was not there). The
/// job's row knows where its call is counted. To be committed with the change of the state, which
/// must be bound to `from`.
void count_push(domain::rollup_changes& counts, wire::json_object const& job, std::string_view from,
                std::string_view to);

/// What a call is told when one of its jobs is queued again: that this is its newest push.
[[nodiscard]] store::update queued_push(std::string_view job_id);

/// The call, if that job is its newest push, or if nothing says which one is (calls stored before
/// there was a `push_job`). An older push that ends late says nothing about the newest.
[[nodiscard]] store::filter call_of_newest_push(std::string_view session_id,
                                                std::string_view job_id);
/// The call in all other cases: its newest push is another one.
[[nodiscard]] store::filter call_of_newer_push(std::string_view session_id,
                                               std::string_view job_id);

}  // namespace cxb::api
