#pragma once
/// @file
/// The account at Exotel and its numbers (spec 21 §8): one document `{type: "exotel"}` of the
/// collection `integrations`.
///
/// | member                | type | meaning                                                       |
/// |-----------------------|------|---------------------------------------------------------------|
/// | account_sid           | text | part of Exotel's addresses                                    |
/// | api_key, api_token    | text | sealed at rest, shown to nobody                               |
/// | api_base_url          | text | judged by the outbound guard when saved and at each use       |
/// | dids[]                | list | `id, number, label, bot_id, flow_url`; at most 500            |
/// | version, updated_at   |      | raised by every write; writes are bound to the version read   |
///
/// A number mapped to a bot is a use of it (`bots/bot_use.hpp`): the bot cannot be deleted.
/// Every write has an audit row: `exotel.update`, `exotel_did.create`, `.update`, `.delete`.
/// Thread-safety: usable from all event loops.

#include <functional>
#include <string>
#include <string_view>

#include "cxb/domain/masking.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/exotel/exotel_bodies.hpp"

namespace cxb::api {

class exotel_directory {
  public:
    static constexpr std::size_t max_numbers = 500;

    exotel_directory(store::document_store& store, audit_trail& audit, clock const& time,
                     random_source& random, domain::guard_policy guard, std::string region)
        : store_(store),
          audit_(audit),
          time_(time),
          random_(random),
          guard_(std::move(guard)),
          region_(std::move(region)) {}

    /// The document as it is stored; an empty account when there is none yet.
    store::async<wire::json_object> read();
    /// Errors: `invalid` (`/api_base_url`, `/api_key`, `/api_token`).
    store::async<wire::json_object> configure(exotel_account sent, audit_actor actor);
    /// Answers the number made. Errors: `invalid` (`/number`, `/bot_id`), `conflict`
    /// `number_in_use`, `too_many_numbers`.
    store::async<exotel_number> add(exotel_number_body body, audit_actor actor);
    /// Errors: `not_found` `DID not found`, `invalid` (`/bot_id`), `malformed` `Nothing to update`.
    store::async<exotel_number> change(std::string id, exotel_number_patch patch,
                                       audit_actor actor);
    /// Errors: `not_found` `DID not found`.
    store::async<void> remove(std::string id, audit_actor actor);
    /// Writes down that somebody has a number ring; before it does.
    store::async<void> note_test_call(exotel_number number, std::string customer,
                                      audit_actor actor);

  private:
    using edit_fn = std::function<result<void>(wire::json_object& document, audited_write& what)>;
    store::async<wire::json_object> edit(edit_fn change, audit_actor actor);

    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    random_source& random_;
    domain::guard_policy guard_;
    std::string region_;
};

/// The numbers of a stored integration, without their `websocket_url`.
[[nodiscard]] std::vector<exotel_number> numbers_of(wire::json_object const& document);
/// Errors: `not_found` `DID not found`.
[[nodiscard]] result<exotel_number> number_of(wire::json_object const& document,
                                              std::string_view id);
/// Account, key and token are all there.
[[nodiscard]] bool is_configured(wire::json_object const& document);
/// Members of a stored integration that are sealed (spec 20 §3.5).
[[nodiscard]] bool integration_secrets(domain::member_path path) noexcept;

}  // namespace cxb::api
