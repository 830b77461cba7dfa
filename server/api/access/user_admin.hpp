#pragma once
/// @file
/// What admins do with other people's accounts (spec 20 §2.3 "Users").
///
/// Each change is decided inside its audited write: actor and target are read there, so the rank
/// rules and "the last active super_admin" hold at commit, whoever else is changing them.
///
/// | error                                                     | when                           |
/// |-----------------------------------------------------------|--------------------------------|
/// | not_found `User not found`                                | no such target                 |
/// | unauthenticated `User not found or inactive`              | the actor is gone by now       |
/// | forbidden `Insufficient permissions`                      | the actor is no admin any more |
/// | forbidden, conflict as `domain::check_user_change`        | the rank rules, in their order |
/// | invalid                                                   | a member; with its pointer     |
/// Thread-safety: usable from all event loops.

#include <optional>
#include <string>

#include "cxb/domain/roles.hpp"
#include "server/api/access/auth_bodies.hpp"
#include "server/api/access/user_directory.hpp"

namespace cxb::api {

/// An admin at work. The role is the one the request was let in with; should it be another by the
/// time of the write, the rules must allow both.
struct acting_user {
    audit_actor who;
    std::string role;
    [[nodiscard]] static acting_user of(server::request_context const& context);
};

class user_admin {
  public:
    user_admin(store::document_store& store, audit_trail& audit, server::blocking_pool& hashing,
               clock const& time, random_source& random)
        : store_(store), audit_(audit), hashing_(hashing), time_(time), random_(random) {}

    store::async<wire::json_object> find(std::string id);
    /// The user afterwards; a change that changes nothing writes nothing.
    store::async<wire::json_object> change(std::string id, user_patch patch, acting_user actor);
    /// `wanted` absent: the other state than now.
    store::async<wire::json_object> set_active(std::string id, std::optional<bool> wanted,
                                               acting_user actor);
    /// Gives the password when it was made here: then it must be changed at once. All tokens end.
    store::async<std::optional<secret>> reset_password(std::string id, std::optional<secret> given,
                                                       acting_user actor);
    /// Access ends with the next request.
    store::async<void> remove(std::string id, acting_user actor);

    /// For the operator's command, who has no rank.
    store::async<void> reset_by_email(std::string email, secret given, audit_actor actor);

  private:
    /// Who does it to whom, as both are stored.
    struct parties {
        std::optional<wire::json_object> actor;
        wire::json_object target;
        int active_super_admins = 0;
    };
    store::async<parties> read_parties(std::string actor_id, std::string target_id);
    /// The target, if the actor may do this to it.
    store::async<wire::json_object> permitted(acting_user const& actor, std::string id,
                                              domain::role_guard guard, domain::user_change what);
    store::async<wire::json_object> edit(std::string id, user_patch patch, bool toggle,
                                         acting_user actor);
    store::async<std::string> hashed(secret password);

    store::document_store& store_;
    audit_trail& audit_;
    server::blocking_pool& hashing_;
    clock const& time_;
    random_source& random_;
};

}  // namespace cxb::api
