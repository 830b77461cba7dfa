#pragma once
/// @file
/// Webhook endpoints (spec 21 §10): who is told what, kept in the collection `webhook_endpoints`.
///
/// | member              | type      | meaning                                                  |
/// |---------------------|-----------|----------------------------------------------------------|
/// | url                 | text      | judged by the outbound guard when saved and at each use  |
/// | types               | list      | words of spec 10 §10; `*` = all                          |
/// | is_active           | boolean   | false: no new jobs; those that wait end as dead          |
/// | description         | text      |                                                          |
/// | signing_*           |           | `push/frozen_push.hpp`; never shown                      |
/// | failing_since       | timestamp | first failure since the last success; absent after one   |
/// | disabled_reason     | text      | why the system switched it off; absent otherwise         |
/// | created_by, _at     |           | updated_at as well                                       |
///
/// Facts ask a snapshot that every change here renews at once, in other processes within 2 s. A
/// delivery reads its endpoint from the store.
/// Thread-safety: usable from all event loops.

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/contract/webhook/webhook_event.hpp"
#include "cxb/domain/masking.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/webhooks/webhook_bodies.hpp"
#include "server/common/async/snapshot.hpp"

namespace cxb::api {

/// An endpoint just made; the only time its secret exists outside it.
struct made_endpoint {
    secret signing;
    wire::json_object document;
};

class webhook_directory {
  public:
    static constexpr std::size_t max_endpoints = 50;
    /// Nothing but failures for so long switches an endpoint off.
    static constexpr std::chrono::days patience{5};

    webhook_directory(store::document_store& store, audit_trail& audit, clock const& time,
                      random_source& random, domain::guard_policy guard)
        : store_(store), audit_(audit), time_(time), random_(random), guard_(std::move(guard)) {}

    /// Reads the snapshot anew.
    store::async<void> refresh();
    /// Ids of the active endpoints that want to be told of this.
    [[nodiscard]] std::vector<std::string> subscribers(contract::webhook::event_type type) const;
    /// Errors: `not_found`.
    store::async<wire::json_object> find(std::string id);

    /// Errors: `invalid` (`/url`, `/types/0`), `conflict` `too_many_endpoints` beyond 50.
    store::async<made_endpoint> create(webhook_body body, std::string created_by,
                                       audit_actor actor);
    /// Switching it on, or another URL, forgets its failures. Errors: `invalid`, `malformed`
    /// `Nothing to update`, `not_found`.
    store::async<wire::json_object> change(std::string id, webhook_patch patch, audit_actor actor);
    store::async<void> remove(std::string id, audit_actor actor);
    /// The old secret signs along for `overlap`.
    store::async<secret> rotate(std::string id, std::chrono::hours overlap, audit_actor actor);

    /// Switches it off in the name of the system, unless it is off already or, with
    /// `failing_since` given, has succeeded or was changed since.
    store::async<void> deactivate(std::string id, std::string reason,
                                  std::string failing_since = {});

  private:
    struct subscription {
        std::string id;
        std::vector<std::string> types;
    };
    using edit_fn = std::function<result<void>(wire::json_object&)>;
    result<void> check(std::optional<std::string> const& url,
                       std::optional<std::vector<std::string>> const& types) const;
    boost::asio::awaitable<void> renew();
    store::async<wire::json_object> edit(std::string id, std::string action, edit_fn change,
                                         audit_actor actor);

    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    random_source& random_;
    domain::guard_policy guard_;
    server::snapshot<std::vector<subscription>> active_;
    std::atomic<std::uint64_t> readings_{0};
    std::mutex mutex_;
    std::uint64_t newest_ = 0;  ///< reading that the snapshot is from
};

/// Members of a stored endpoint that are sealed (spec 20 §3.5).
[[nodiscard]] bool endpoint_secrets(domain::member_path path) noexcept;

/// The endpoint as people may see it: without its secrets.
[[nodiscard]] wire::json_object shown_endpoint(wire::json_object const& stored);

}  // namespace cxb::api
