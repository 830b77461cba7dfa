#pragma once
/// @file
/// API keys of CRMs and scripts (spec 20 §2.5, 10 §2.2): stored by hash, shown once.
///
/// Every request looks its key up by hash (unique index), so a deactivation counts at once.
/// `last_used_at` is written at most once a minute, beside the request and never delaying it.
/// Thread-safety: usable from all event loops.

#include <mutex>
#include <string>
#include <unordered_map>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/access/auth_bodies.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/common/http/lists.hpp"
#include "server/common/http/principal.hpp"

namespace cxb::api {

/// A key just made; the only time its text exists outside the caller.
struct made_key {
    secret text;
    wire::json_object document;
};

class api_key_directory {
  public:
    api_key_directory(store::document_store& store, audit_trail& audit, clock const& time,
                      random_source& random)
        : store_(store), audit_(audit), time_(time), random_(random) {}

    /// The caller behind a key, which must have `scope` ("" = any). Errors with the texts and in
    /// the order of spec 10 §2.2, then `forbidden` `API key lacks scope <s>`.
    store::async<server::principal> authenticate(std::string key, std::string scope);

    store::async<made_key> create(api_key_body body, std::string created_by, audit_actor actor);
    /// Errors: `malformed` `Nothing to update`, `not_found`.
    store::async<wire::json_object> change(std::string id, api_key_patch patch, audit_actor actor);
    store::async<void> remove(std::string id, audit_actor actor);

  private:
    /// Is it time to write `last_used_at` again?
    bool note_use(std::string const& id);

    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    random_source& random_;
    std::mutex mutex_;
    std::unordered_map<std::string, time_point> last_noted_;
};

/// The key as people may see it: without hash.
[[nodiscard]] wire::json_object shown_key(wire::json_object const& stored);

}  // namespace cxb::api
