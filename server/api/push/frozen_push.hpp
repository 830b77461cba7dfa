#pragma once
/// @file
/// A request that is sent again with the same bytes until somebody takes it, and the secrets that
/// sign it (spec 21 §3.3, 10 §2.4). Shared by CRM pushes and webhooks; pure.

#include <span>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {

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

/// The attempt made `now`: the frozen bytes, `credentials`, `Idempotency-Key`, `webhook-id`,
/// `webhook-timestamp` and, when there are secrets, `webhook-signature`. Errors: `invalid` for an
/// unreadable secret.
[[nodiscard]] result<client::outgoing_request> attempt_of(
    frozen_push const& push, std::span<secret const> secrets, time_point now,
    wire::header_list const& credentials = {});

/// Members of a document that signs: `signing_secret`, and while it is replaced
/// `signing_secret_old` until `signing_old_until`. They are never shown.
inline constexpr std::string_view signing_members[] = {"signing_secret", "signing_secret_old",
                                                       "signing_old_until"};

/// What signs now, newest first.
[[nodiscard]] std::vector<secret> signing_secrets(wire::json_object const& document,
                                                  time_point now);

/// `fresh` signs from now on; the one before it signs along until `old_until`.
void replace_signing_secret(wire::json_object& document, secret const& fresh, time_point old_until);

}  // namespace cxb::api
