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

/// `bot` may be null (unknown) or deleted; `call` is the call as it will be stored.
[[nodiscard]] push_plan plan_push(bot_entry const* bot, wire::json_object const& call);

struct push_order {
    std::string session_id;
    std::string bot_id;
    std::string suffix;  ///< `1`, `2`, `u7`, `r1`
    std::string base;    ///< of public links
    std::int64_t call_rev = 0;
    int max_attempts = 10;
    std::string mode = "result";
};

void add_push_job(store::batch& writes, push_order order, time_point now, random_source& random);

}  // namespace cxb::api
