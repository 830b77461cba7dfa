#pragma once
/// @file
/// From a fact to the job rows that tell the endpoints of it (spec 21 §1.3, §10). The rows are
/// written in the transaction of the fact; `webhook_handler` works them off.
///
/// Key of a row: `wh:{endpoint}:{type}:{subject}:{n}`. Its payload is `{endpoint_id, type, data}`.
/// `data` names ids, moments and words: no numbers, names or texts of those who spoke. A receiver
/// that may know more reads the call.

#include <functional>
#include <string>
#include <string_view>

#include "server/api/webhooks/webhook_directory.hpp"

namespace cxb::api {

inline constexpr std::string_view webhook_kind = "webhook";
inline constexpr int webhook_attempts = 10;

struct webhook_fact {
    contract::webhook::event_type type{};
    std::string subject;  ///< session_id, campaign id, ...
    std::string n;        ///< which fact of this type about the subject: `1`, `2`, `u7`
    std::string session_id;
    std::string bot_id;
    wire::json_object data;
};

/// One row per endpoint that wants it.
void add_webhook_jobs(store::batch& writes, webhook_directory const& endpoints, webhook_fact fact,
                      time_point now, random_source& random);

/// A member of a call as it will stand; null when it has none.
using call_member = std::function<wire::json_value const*(std::string_view name)>;

/// The same for a fact about a call, whose `data` is what every webhook tells of one.
void add_call_webhooks(store::batch& writes, webhook_directory const& endpoints,
                       contract::webhook::event_type type, std::string n, call_member const& call,
                       time_point now, random_source& random);
[[nodiscard]] call_member members_of(wire::json_object const& call);

}  // namespace cxb::api
