#pragma once
/// @file
/// Carriers and their numbers (spec 21 §7), kept in `carriers`; `dids` is the copy that look-ups
/// ask, written in the same transaction.
///
/// | member of `dids` | meaning                                                                |
/// |------------------|------------------------------------------------------------------------|
/// | _id              | id of the number                                                       |
/// | number           | as it is shown; unique over all carriers                               |
/// | digits, last10   | without `+`; the last ten of them, absent when there are fewer         |
/// | carrier_id       |                                                                        |
/// | direction        | inbound, outbound, both                                                |
/// | enabled          | that of the carrier                                                    |
/// | bot_id           | absent: none                                                           |
///
/// Every change raises `version`, sets `lk_sync_status` to pending and, with LiveKit configured,
/// writes the job that brings it there. Mapping a number to a bot is a use of the bot (`bot_use`).
/// Thread-safety: usable from all event loops.

#include <functional>
#include <string>

#include "cxb/store/document_store.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/carriers/carrier_bodies.hpp"

namespace cxb::api {

struct carrier_options {
    std::string phone_region;
    bool livekit = false;  ///< there is one to be told
};

class carrier_directory {
  public:
    carrier_directory(store::document_store& store, audit_trail& audit, clock const& time,
                      random_source& random, carrier_options options)
        : store_(store),
          audit_(audit),
          time_(time),
          random_(random),
          options_(std::move(options)) {}

    /// Errors: `not_found` `Carrier not found`.
    store::async<wire::json_object> find(std::string id);

    /// What changes give back is the stored document. Errors: `invalid` with every fault,
    /// `conflict` `name_in_use`, `number_in_use`.
    store::async<wire::json_object> create(wire::json_object sent, std::string created_by,
                                           audit_actor actor);
    /// Also `not_found`, and `conflict` `carrier_in_use` for a number that goes.
    store::async<wire::json_object> change(std::string id, wire::json_object sent,
                                           audit_actor actor);
    store::async<void> remove(std::string id, audit_actor actor);

    /// Also `conflict` `too_many_numbers`, `not_found` `DID not found`.
    store::async<wire::json_object> add_did(std::string id, wire::json_object sent,
                                            audit_actor actor);
    store::async<wire::json_object> change_did(std::string id, std::string did_id,
                                               wire::json_object sent, audit_actor actor);
    store::async<wire::json_object> remove_did(std::string id, std::string did_id,
                                               audit_actor actor);

  private:
    using edit_fn = std::function<result<void>(wire::json_object&)>;
    store::async<wire::json_object> edit(std::string id, std::string action, std::string list_at,
                                         edit_fn change, audit_actor actor);
    /// The writes that make `after` of `before` (null: a new carrier), once nothing forbids them.
    /// `list_at`: pointer of the list of numbers, "" for one number alone.
    store::async<store::batch> writes_for(wire::json_object const* before, wire::json_object after,
                                          std::string list_at);
    store::async<void> check_name(wire::json_object const& after);
    [[nodiscard]] result<wire::json_array> stored_dids(std::vector<did_body> const& wanted,
                                                       wire::json_object const* before) const;
    [[nodiscard]] result<wire::json_object> document_of(carrier_body const& body,
                                                        wire::json_object const* before) const;

    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    random_source& random_;
    carrier_options options_;
};

}  // namespace cxb::api
