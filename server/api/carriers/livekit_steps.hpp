#pragma once
/// @file
/// Brings what LiveKit holds for one carrier to what it should hold (spec 21 §7), step by step.
///
/// | id at the carrier | wanted | what is done                                                   |
/// |-------------------|--------|----------------------------------------------------------------|
/// | known             | yes    | Update with the whole object; `not_found`: as unknown          |
/// | unknown           | yes    | the one that has its name is adopted and updated, else Create  |
/// | known             | no     | Delete; `not_found` is done                                    |
/// | unknown           | no     | those that have its name are deleted                           |
///
/// So a crash between making one and keeping its id leaves none behind and makes no second one.
/// Thread-safety: one coroutine at a time; the carrier's lease keeps others away.

#include "cxb/store/document_store.hpp"
#include "server/api/carriers/carrier_wanted.hpp"
#include "src/client/livekit_client.hpp"

namespace cxb::api {

class livekit_steps {
  public:
    /// `carrier` as stored. Client outlives the steps.
    livekit_steps(client::livekit_client const& livekit, wire::json_object carrier)
        : livekit_(livekit), carrier_(std::move(carrier)) {}

    /// Errors: those of the client. What was done until then stands in `carrier`.
    store::async<void> bring();
    /// Removes all that is, or could be, the carrier's.
    store::async<void> clear();
    /// With the ids as they are now.
    [[nodiscard]] wire::json_object const& carrier() const noexcept { return carrier_; }

  private:
    [[nodiscard]] std::string id_of(livekit_kind const& kind) const;
    void keep(livekit_kind const& kind, std::string const& id);
    store::async<wire::json_object> ask(std::string what, wire::json_object body);
    store::async<void> ensure(livekit_kind const& kind, wire::json_object wanted);
    store::async<bool> replace(livekit_kind const& kind, std::string id, wire::json_object wanted);
    store::async<std::vector<std::string>> named_so(livekit_kind const& kind);
    store::async<void> remove(livekit_kind const& kind, std::string id);
    store::async<void> remove_all(livekit_kind const& kind);

    client::livekit_client const& livekit_;
    wire::json_object carrier_;
};

/// Those of `ids` that LiveKit holds. Errors: those of the client.
store::async<std::vector<std::string>> held_by_livekit(client::livekit_client const& livekit,
                                                       livekit_kind const& kind,
                                                       std::vector<std::string> ids,
                                                       milliseconds timeout = milliseconds{0});

}  // namespace cxb::api
