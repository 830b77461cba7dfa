#pragma once
/// @file
/// Worker hosts: how they are (probes), which one gets the next call, and the short reservations
/// that keep parallel dialouts from fighting for one slot (spec 21 §5).
///
/// - Parallel questions share one round of probes; a round younger than `fleet.snapshot_max_age_ms`
///   is reused. A round ends when all hosts answered, or 3 s after the first usable answer.
/// - Reservations are documents written by compare-and-swap on `version`; inside a process one at a
///   time per host, between processes 8 tries, then the next host.
///
/// Failures: those of the store. Thread-safety: usable from all event loops.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/domain/fleet_choice.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/settings/settings_directory.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/async/snapshot.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

/// One host as its probe found it.
struct host_probe {
    std::string url;
    std::optional<contract::fleet::fleet_health> health;  ///< empty: unreachable
    std::string reason;                                   ///< why not, "" when healthy
    milliseconds latency{0};
    time_point sent_at;  ///< a call accepted later is unknown to this answer
};

struct fleet_round {
    std::vector<host_probe> hosts;  ///< in list order
    time_point at;
    std::vector<std::string> urls;
};

/// One host as a choice sees it.
struct host_state {
    host_probe probe;
    int holds = 0;  ///< that count against the probe's answer
    time_point checked_at;
    /// For calls that are still to be given away: 0 for a host that is not usable.
    [[nodiscard]] int available() const noexcept {
        return probe.health ? static_cast<int>(probe.health->fleet_available) - holds : 0;
    }
};

/// A held slot; to be renewed, then released or accepted.
struct reserved_host {
    std::string url;
    std::string hold_id;
};

struct fleet_options {
    std::vector<std::string> fallback_urls;  ///< used while the stored list is empty
    milliseconds health_timeout{20000};
    milliseconds snapshot_max_age{1000};
    milliseconds after_first_answer{3000};
    seconds reservation{15};
};

class fleet_service {
  public:
    fleet_service(client::transport& hosts, settings_directory& system,
                  store::document_store& store, server::metrics_registry& metrics,
                  clock const& time, random_source& random, fleet_options options)
        : hosts_(hosts),
          system_(system),
          store_(store),
          metrics_(metrics),
          time_(time),
          random_(random),
          options_(std::move(options)) {}

    [[nodiscard]] std::vector<std::string> urls() const;
    /// The current round of probes, possibly a fresh one.
    store::async<std::shared_ptr<fleet_round const>> probe();
    /// All hosts in list order, by the current round of probes and the live reservations. Empty
    /// without hosts.
    store::async<std::vector<host_state>> states();
    /// Chooses the best host outside `excluded` and holds one slot of it. Empty: none has one.
    store::async<std::optional<reserved_host>> reserve(std::set<std::string> excluded = {});
    store::async<void> renew(reserved_host held);
    store::async<void> release(reserved_host held);
    /// The host took the call: the hold stays a while for answers that cannot know it yet.
    store::async<void> accept(reserved_host held);
    /// Body of `GET /fleet/status`.
    store::async<wire::json_object> status();

  private:
    using edit_fn =
        std::function<std::optional<domain::fleet_holds>(domain::fleet_holds, time_point)>;
    store::async<bool> edit_holds(std::string url, edit_fn edit);
    store::async<std::map<std::string, domain::fleet_holds>> holds_of(
        std::vector<std::string> urls);
    void measure(fleet_round const& round) const;
    boost::asio::awaitable<fleet_round> run_round(std::vector<std::string> urls);

    client::transport& hosts_;
    settings_directory& system_;
    store::document_store& store_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
    fleet_options options_;
    server::keyed_turn turns_;
    server::snapshot<fleet_round> last_;
};

}  // namespace cxb::api
