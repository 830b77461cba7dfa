#pragma once
/// @file
/// Keeps LiveKit at what the carriers say (spec 21 §7): as jobs after each write, at once when a
/// person asks, and by a loop that looks whether what was made is still there.
///
/// | job             | key                 | payload                                            |
/// |-----------------|---------------------|----------------------------------------------------|
/// | carrier_sync    | `cs:{id}:{version}` | `{carrier_id, version}`                            |
/// | carrier_cleanup | `cc:{id}`           | `{carrier}`: its id and the ids LiveKit gave       |
///
/// Of one carrier one synchronisation runs at a time: it holds `lk_sync_holder` until
/// `lk_sync_until`, whichever process it runs in. The ids that LiveKit gave are kept whatever the
/// version has become; `synced` and `error` are only said of the version that was brought there.
///
/// LiveKit that cannot be reached changes no carrier in the loop, only the check `livekit` of
/// `/ready` and the metric `cxb_livekit_up`.
/// Thread-safety: usable from all event loops.

#include <string>
#include <string_view>

#include "server/api/carriers/livekit_steps.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/health/health.hpp"
#include "server/common/jobs/job_context.hpp"
#include "server/common/leases/loop_lease.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

inline constexpr std::string_view sync_kind = "carrier_sync";
inline constexpr std::string_view cleanup_kind = "carrier_cleanup";

/// The job row that brings LiveKit to this version of a carrier.
[[nodiscard]] wire::json_object make_sync_job(std::string_view carrier_id, std::int64_t version,
                                              time_point now, random_source& random);
/// The one that removes what LiveKit holds for a carrier that is gone.
[[nodiscard]] wire::json_object make_cleanup_job(wire::json_object const& carrier, time_point now,
                                                 random_source& random);

class carrier_sync {
  public:
    /// All that is given outlives it. `wait_scale` other than 1 is for tests.
    carrier_sync(store::document_store& store, client::livekit_client const& livekit,
                 server::keyed_turn& turns, server::metrics_registry& metrics, clock const& time,
                 random_source& random, double wait_scale)
        : store_(store),
          livekit_(livekit),
          turns_(turns),
          metrics_(metrics),
          time_(time),
          random_(random),
          wait_scale_(wait_scale) {}

    /// Without a LiveKit server carriers stay `pending`.
    [[nodiscard]] bool configured() const noexcept { return livekit_.configured(); }

    boost::asio::awaitable<server::job_verdict> run_sync(server::job_context job);
    boost::asio::awaitable<server::job_verdict> run_cleanup(server::job_context job);
    /// Brings LiveKit there now. Errors: `not_found` `Carrier not found`, `unavailable` `LiveKit
    /// not configured` or busy, `upstream_failed` with LiveKit's message.
    store::async<void> sync_now(std::string carrier_id);
    /// The carrier once a synchronisation of this version has ended, at most 5 s from now; as it
    /// is then. Empty: it is gone.
    store::async<std::optional<wire::json_object>> settled(std::string carrier_id,
                                                           std::int64_t version);
    /// One turn of the trunk health loop.
    store::async<void> look_after(server::loop_lease& lease);
    /// For `/ready`: LiveKit is there, takes our key and has a SIP service.
    boost::asio::awaitable<server::check_outcome> probe();

  private:
    enum class outcome { synced, failed, busy, gone };
    struct attempt {
        outcome what = outcome::busy;
        error cause;
    };
    store::async<attempt> sync_once(std::string carrier_id, std::string holder);
    store::async<void> clear_gone(wire::json_object carrier);
    store::async<std::optional<wire::json_object>> claim(std::string carrier_id,
                                                         std::string holder);
    store::async<bool> save(wire::json_object const& carrier, std::string holder,
                            result<void> const& done);
    store::async<void> look_at(server::loop_lease& lease, std::vector<wire::json_object> carriers);
    store::async<void> look_at_one(server::loop_lease& lease, wire::json_object carrier,
                                   std::vector<std::string> const& held);
    store::async<bool> job_is_open(std::string carrier_id, std::int64_t version);
    store::async<void> revive_jobs(server::loop_lease& lease, std::string_view kind);
    [[nodiscard]] server::job_verdict again(server::job_context const& job, error const& cause);
    void note(bool done, error const& failure);

    store::document_store& store_;
    client::livekit_client const& livekit_;
    server::keyed_turn& turns_;
    server::metrics_registry& metrics_;
    clock const& time_;
    random_source& random_;
    double wait_scale_;
};

}  // namespace cxb::api
