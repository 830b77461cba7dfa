#pragma once
/// @file
/// People: the stored users, log-in with its throttle, and the first super_admin
/// (spec 20 §2.2–§2.4).
///
/// Every request re-reads the user by email (unique index), so a deactivation or a password change
/// counts with the next request of any process.
/// Failures carry the texts of spec 20 §2. Thread-safety: usable from all event loops.

#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/domain/roles.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/access/tokens.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/http/principal.hpp"
#include "server/common/metrics.hpp"
#include "server/common/process/blocking_pool.hpp"

namespace cxb::api {

/// A new person, checked and normalised by `check_new_user`.
struct new_user {
    std::string email;
    secret password;
    std::string name;
    std::string role = "agent";
    std::vector<std::string> agent_languages;
    std::string agent_primary_language;
    std::vector<std::string> agent_skills;
};

/// All faults of a new user together: `invalid`. Normalises the email in place.
[[nodiscard]] result<void> check_new_user(new_user& user);

/// Form in which a name is stored for search (`name_lower`) and asked for (`q` of GET /users).
[[nodiscard]] std::string searched_name(std::string_view name);

/// `_id` and email as the target of an audit row.
[[nodiscard]] audit_entry about_user(std::string action, wire::json_object const& user);

/// The user as people may see it: never the hash.
[[nodiscard]] wire::json_object shown_user(wire::json_object const& stored);

struct login_attempt {
    std::string email;
    secret password;
    std::string client_address;
};

/// A log-in that outlives a request: good as long as the token it came with would be.
struct user_session {
    std::string user_id;
    std::int64_t version = 0;  ///< of the token
    time_point expires{};      ///< of the token
};

class user_directory {
  public:
    user_directory(store::document_store& store, audit_trail& audit, server::blocking_pool& hashing,
                   server::metrics_registry& metrics, clock const& time, random_source& random,
                   token_settings tokens)
        : store_(store),
          audit_(audit),
          hashing_(hashing),
          metrics_(metrics),
          time_(time),
          random_(random),
          tokens_(std::move(tokens)) {}

    /// The caller behind a bearer token. Errors: `unauthenticated` with the texts of §2.1.
    store::async<server::principal> authenticate(std::string token);
    /// What of a bearer token may be looked at again later. Errors: those of `authenticate`.
    store::async<user_session> session_of(std::string token);
    /// The caller as they are now. Errors: `unauthenticated` once the token would be refused.
    store::async<server::principal> authenticate(user_session session);
    /// The stored user; empty when there is none.
    store::async<std::optional<wire::json_object>> find(std::string email);

    /// Stored user of a good log-in. Errors: `unauthenticated` (`Invalid email or password`,
    /// `Account is inactive`), `rate_limited` `Too many login attempts`, `unavailable`.
    store::async<wire::json_object> login(login_attempt attempt, audit_actor actor);
    /// Errors: `conflict` `Email already registered`, `forbidden` for a role above the creator's,
    /// also as that one is stored by the time it is written (gone by then: `unauthenticated`).
    store::async<wire::json_object> create(new_user user, std::string creator_role,
                                           audit_actor actor);
    store::async<wire::json_object> rename(std::string email, std::string name, audit_actor actor);
    /// Kills all older tokens. Errors: `malformed` `Current password is incorrect`, `invalid` for a
    /// bad new one or the temporary one once more.
    store::async<wire::json_object> change_password(std::string email, secret current, secret fresh,
                                                    audit_actor actor);
    store::async<void> end_all_sessions(std::string email, audit_actor actor);

    /// Is there no super_admin yet?
    store::async<bool> bootstrap_needed();
    /// Creates the first super_admin; of two at once one wins, the other gets `conflict`.
    store::async<wire::json_object> bootstrap(new_user user, audit_actor actor);

    [[nodiscard]] result<issued_token> issue(wire::json_object const& user);

  private:
    store::async<void> may_create(std::string creator_id, domain::user_role wanted);
    store::async<wire::json_object> insert_user(new_user user, audit_actor actor, bool first);
    store::async<wire::json_object> with_password(std::string email, std::string hash);
    store::async<std::string> hashed(secret password);

    store::document_store& store_;
    audit_trail& audit_;
    server::blocking_pool& hashing_;
    server::metrics_registry& metrics_;
    server::keyed_turn turns_;  ///< log-ins, by email
    clock const& time_;
    random_source& random_;
    token_settings tokens_;
};

}  // namespace cxb::api
