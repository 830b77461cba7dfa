#pragma once
/// @file
/// Tells of worker hosts (`fleet.status`, spec 21 §10) while somebody listens: each process probes
/// for its own listeners and nobody is probed for nobody. The first look after listening began is
/// told, then what differs from the one before it: a host that comes or goes, fills or empties.
/// Thread-safety: one coroutine at a time.

#include <string>

#include "server/api/events/event_hub.hpp"
#include "server/api/fleet/fleet_service.hpp"

namespace cxb::api {

class fleet_watch {
  public:
    /// Between two looks, so that nobody is told more often.
    static constexpr milliseconds period{1000};

    fleet_watch(event_hub& hub, fleet_service& hosts) : hub_(hub), hosts_(hosts) {}

    store::async<void> look();

  private:
    event_hub& hub_;
    fleet_service& hosts_;
    std::string told_;  ///< how all hosts stood; "" = nothing told
};

}  // namespace cxb::api
