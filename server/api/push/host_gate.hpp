#pragma once
/// @file
/// Back-pressure per target host (spec 21 §3.3): at most 8 pushes in flight per host and process;
/// ten transport failures in a row pause the host for 60 s. The pause is stored in `push_hosts`, so
/// other processes keep it too. Thread-safety: usable from all event loops.

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

class host_gate {
  public:
    static constexpr int max_in_flight = 8;
    static constexpr int failures_to_pause = 10;
    static constexpr seconds pause{60};
    static constexpr seconds full_wait{1};

    host_gate(store::document_store& store, clock const& time) : store_(store), time_(time) {}

    /// Until when the host is paused, as the store has it; empty: it is not.
    static store::async<std::optional<time_point>> paused_until(store::document_store& store,
                                                                std::string host, time_point now);
    /// Takes a place; empty: free to send. A moment: put the job back until then.
    store::async<std::optional<time_point>> enter(std::string host);
    /// Gives the place back and notes how the transport did.
    store::async<void> leave(std::string host, bool transport_ok);

  private:
    store::document_store& store_;
    clock const& time_;
    std::mutex mutex_;
    std::map<std::string, int> in_flight_;
    std::set<std::string> noted_;  ///< hosts that have a row: only these need a write on success
};

}  // namespace cxb::api
