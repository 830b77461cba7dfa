#pragma once
/// @file
/// The request of a CRM push: rendered once, frozen in the job, sent unchanged by every attempt
/// (spec 21 §3.2, §3.3). Pure.

#include <string>

#include "cxb/base/random.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/push/frozen_push.hpp"
#include "server/api/push/oauth_tokens.hpp"

namespace cxb::api {

/// `Content-Type` of a push with `format: form`.
inline constexpr char const* push_form_type = "application/x-www-form-urlencoded";

/// Renders from the call as it is now. Errors: `too_large` over 8 MiB.
[[nodiscard]] result<frozen_push> render_push(post_call_push_block const& push,
                                              wire::json_object const& call, bot_entry const& bot,
                                              std::string const& base, time_point now,
                                              random_source& random);

/// `attempt_of` with the bot's credentials; signed when the bot signs. `bearer` is the token of a
/// bot that pushes with `oauth2_client_credentials`, else "".
[[nodiscard]] result<client::outgoing_request> push_attempt(frozen_push const& push,
                                                            bot_entry const& bot,
                                                            wire::json_object const& call,
                                                            time_point now,
                                                            secret const& bearer = {});

/// Who asks for tokens, when this bot's pushes need one.
[[nodiscard]] std::optional<oauth_client> oauth_client_of(bot_entry const& bot);

}  // namespace cxb::api
