#pragma once
/// @file
/// The request of a CRM push: rendered once, frozen in the job, sent unchanged by every attempt
/// (spec 21 §3.2, §3.3). Pure.

#include <string>

#include "cxb/base/random.hpp"
#include "cxb/client/transport.hpp"
#include "server/api/bots/bot_directory.hpp"

namespace cxb::api {

/// `Content-Type` of a push with `format: form`.
inline constexpr char const* push_form_type = "application/x-www-form-urlencoded";

/// `frozen_request` of the job: `{webhook_id, method, url, headers, body}`. Credentials and
/// headers whose name says that they are secret are not in it; they are added at each try.
struct frozen_push {
    std::string webhook_id;
    std::string method;
    std::string url;
    wire::header_list headers;
    std::string body;
};

[[nodiscard]] wire::json_object to_json(frozen_push const& push);
/// Errors: `corrupt_data`.
[[nodiscard]] result<frozen_push> parse_frozen_push(wire::json_object const& stored);

/// Renders from the call as it is now. Errors: `too_large` over 8 MiB.
[[nodiscard]] result<frozen_push> render_push(post_call_push_block const& push,
                                              wire::json_object const& call, bot_entry const& bot,
                                              std::string const& base, time_point now,
                                              random_source& random);

/// The attempt made `now`: frozen bytes, credentials, `webhook-id`, `webhook-timestamp`,
/// `Idempotency-Key` and, when the bot signs, `webhook-signature` (spec 10 §2.4).
[[nodiscard]] result<client::outgoing_request> push_attempt(frozen_push const& push,
                                                            bot_entry const& bot,
                                                            wire::json_object const& call,
                                                            time_point now);

}  // namespace cxb::api
