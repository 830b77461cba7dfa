#pragma once
/// @file
/// Pure rules of saving a bot (spec 20 §5.1): merging what was sent, the masking round trip, what
/// only the server may write, the signing secret of the push.

#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/wire/json.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/bots/document_diff.hpp"

namespace cxb::api {

struct accepted_bot {
    wire::json_object document;         ///< in stored form, server-only members of `stored` kept
    std::vector<std::string> warnings;  ///< paths of members that were not understood
};

/// `sent` laid over `stored` (empty for a new bot): members replace, null resets to the default,
/// server-only members are ignored. Errors: `invalid` with all faults, `too_large` over 1 MiB.
[[nodiscard]] result<accepted_bot> accept_bot(wire::json_object const& stored,
                                              wire::json_object sent,
                                              domain::guard_policy const& guard);

/// The same for a bot that holds nothing but what `content` says; secrets are given as they are.
[[nodiscard]] result<accepted_bot> accept_whole_bot(wire::json_object const& stored,
                                                    wire::json_object const& content,
                                                    domain::guard_policy const& guard);

/// The document as every store gives it back: numbers of one kind, so that equal ones compare so.
[[nodiscard]] wire::json_object normal_form(wire::json_object const& document);

/// The bot without what only the server writes: what the config is made of, and hashed.
[[nodiscard]] wire::json_object bot_content(wire::json_object const& stored);

/// What differs in the content of two stored bots, secrets masked on both sides.
[[nodiscard]] std::vector<document_change> bot_diff(wire::json_object const& older,
                                                    wire::json_object const& newer);

/// Changed top-level members; those that hold secrets are shown as `(secret)` where they do.
[[nodiscard]] std::vector<audit_change> bot_changes(wire::json_object const& before,
                                                    wire::json_object const& after);

/// Places told for one write.
inline constexpr std::size_t max_changed_paths = 200;
/// JSON Pointers of what a write changed; of too many only the top-level members.
[[nodiscard]] wire::json_array changed_paths(wire::json_object const& before,
                                             wire::json_object const& after);

/// `sign:true` without a secret makes one.
void ensure_push_secret(wire::json_object& bot, random_source& random);
/// The current secret becomes the old one until `old_until`. Errors: `conflict`
/// `No post-call push configured`.
[[nodiscard]] result<void> rotate_secret(wire::json_object& bot, secret const& fresh,
                                         time_point old_until);
[[nodiscard]] result<void> end_old_secret(wire::json_object& bot);

}  // namespace cxb::api
