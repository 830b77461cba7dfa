#pragma once
/// @file
/// Sending a push again because a person asked (spec 21 §3.4).

#include <string>

#include "server/api/audit/audit_trail.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/services.hpp"

namespace cxb::api {

/// How and why a push is repeated.
struct replay_order {
    std::string mode;    ///< rebuild, same
    std::string reason;  ///< why, for the audit row; may be ""
    std::string base;    ///< of public links
};

/// `rebuild`: a new job, rendered anew under a new webhook-id. `same`: the newest frozen request
/// once more. Gives the job's id. Errors: `conflict` (`push_in_progress`, `No post-call push
/// configured`, `Call is not finished`), `not_found` when nothing was ever frozen for `same`.
store::async<std::string> replay_push(api_services& api, wire::json_object call, replay_order order,
                                      audit_actor actor);

/// Jobs of a call's pushes, newest first, without bodies.
store::async<wire::json_array> pushes_of(store::document_store& store, std::string session_id);

/// A job as people see it: without frozen bodies.
[[nodiscard]] wire::json_object shown_job(wire::json_object job);

}  // namespace cxb::api
