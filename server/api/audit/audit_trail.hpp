#pragma once
/// @file
/// Audit rows: every state change by a person, a key or a command writes one row in the same
/// transaction (spec 20 §3.3).
///
/// `seq` comes from the row `audit_head`, raised in that transaction and bound to the value read.
/// So audited writes are one sequence: a check made inside `decide` (last super admin, rank) still
/// holds at commit, or the whole thing is decided anew. Each row also carries the hash of the one
/// before it (`audit_chain.hpp`).

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {

/// Who did it, as the row shows it; from a request, or made for commands and loops.
struct audit_actor {
    std::string type;  ///< user, api_key, command, system
    std::string id;
    std::string label;
    std::string request_id;
    std::string ip;
    std::string user_agent;
    [[nodiscard]] static audit_actor of(server::request_context const& context);
    [[nodiscard]] static audit_actor system(std::string label);
    [[nodiscard]] static audit_actor command(std::string label);
};

/// One changed member; secrets are given as `(secret)`, texts are cut at 500 bytes.
struct audit_change {
    std::string path;
    wire::json_value old_value;
    wire::json_value new_value;
};

struct audit_entry {
    std::string action;  ///< `bot.update`, `login_failed`, ...
    std::string target_type;
    std::string target_id;
    std::string target_label;
    std::vector<audit_change> changes;
};

/// What `decide` wants written together with the row.
struct audited_write {
    store::batch writes;
    audit_entry entry;
};

class audit_trail {
  public:
    audit_trail(store::document_store& store, clock const& time, random_source& random)
        : store_(store), time_(time), random_(random) {}

    /// Runs `decide` (which reads what it must and may refuse), commits its writes with the audit
    /// row, and decides anew when something it was bound to has changed meanwhile (≤ 12 times, then
    /// `unavailable`). A write of the batch that must match and does not, or a taken unique key,
    /// gives `conflict` with the write's label as reason.
    store::async<void> commit(audit_actor actor,
                              std::function<store::async<audited_write>()> decide);
    /// For writes that need no check after the head was read.
    store::async<void> commit(audit_actor actor, audited_write what);

  private:
    store::document_store& store_;
    clock const& time_;
    random_source& random_;
    server::keyed_turn turns_;  // writers of this process queue up instead of colliding
};

/// Members that differ between two documents, by top-level path; members for which `is_secret`
/// says yes are shown as `(secret)`.
[[nodiscard]] std::vector<audit_change> changes_between(
    wire::json_object const& before, wire::json_object const& after,
    std::function<bool(std::string_view path)> const& is_secret);

}  // namespace cxb::api
