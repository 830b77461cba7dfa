#pragma once
/// @file
/// The live prompt caches of the bots: made at the provider, remembered by the bot, served by
/// configs (spec 20 §10). Makers are a save (a `live_cache_refresh` job in its transaction), the
/// prewarm of each day, a person, and a worker that found its cache gone.
///
/// Of all who want a bot's cache at one time, over all processes, one makes it: inside a process
/// they share a flight, between processes a lease of 60 s in `system_runtime`
/// (`live_prompt_cache:<bot>`). The state is swapped under the lease's fence and only while the bot
/// has the version it was read in, with a row of `live_prompt_cache_events`; who was paused or
/// overtaken changes nothing, and a cache made for prompts that are no longer the bot's is deleted.
/// Other processes follow the events every 2 s, or at once by the news.
///
/// | event             | when                                  | further members           |
/// |-------------------|---------------------------------------|---------------------------|
/// | creating          | somebody asks the provider            | by, static_version        |
/// | created           | it made one                           | also cache_name,          |
/// |                   |                                       | expires_at                |
/// | failed            | it did not                            | by, static_version, error |
/// | deleting, deleted | the cache of a bot that is off goes   | cache_name                |
/// | delete_failed     | it could not be deleted               | cache_name, error         |
/// | catchup_triggered | a daily run came late; has no bot_id  | run, due_at               |
/// All have `bot_id`, `at` and `state_rev` of the bot.
///
/// A maker that dies leaves its lease: who asks meanwhile waits his time (`cache_means::wait`) and
/// is told `The cache is still being made`; who asks after its end makes another one. What the dead
/// one may have made has the time to live that every cache is ordered with, and ages out.
///
/// Failures besides those of the store: `not_found` `Bot not found`; `conflict`
/// `Live prompt cache is not enabled`; `upstream_failed` `provider_error`, the detail says what the
/// provider said.
/// Thread-safety: usable from all event loops.

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "cxb/contract/lookup/prompt_cache.hpp"
#include "server/api/prompt_cache/cache_provider.hpp"
#include "server/common/jobs/job_context.hpp"
#include "server/common/leases/loop_lease.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

inline constexpr std::string_view cache_refresh_kind = "live_cache_refresh";
/// Tries of such a job.
inline constexpr int cache_refresh_attempts = 5;
/// Lease of who makes or deletes a bot's cache.
inline constexpr seconds cache_lease_length{60};
/// A cache as young as this is given even to who says that it is gone.
inline constexpr seconds cache_young{60};
/// Events are kept so long; the daily cleanup removes older ones.
inline constexpr std::chrono::days cache_events_kept{30};

/// What the caches work with. All must outlive them.
struct cache_means {
    store::document_store& store;
    bot_directory& bots;
    settings_directory& system;
    audit_trail& audit;
    client::transport& outbound;
    server::metrics_registry& metrics;
    clock const& time;
    random_source& random;
    std::string instance;  ///< as leases name it
    std::chrono::hours ttl{25};
    milliseconds wait{20'000};  ///< longest wait for a creation by others, over all processes
};

class live_prompt_caches {
  public:
    explicit live_prompt_caches(cache_means means);

    /// For `bot_directory::before_saving`: a bot that needs another cache becomes `stale`, and a
    /// job that makes it is written along; state of no more use is dropped.
    void note_save(bot_entry const& next, wire::json_object& document, store::batch& together);

    /// A fresh cache, audited; of a provider without caches the state `none`. Errors besides:
    /// `conflict` for a policy bot and for one without static prompt.
    store::async<cache_state> refresh(std::string bot_id, audit_actor actor);
    /// For a worker whose cache is gone.
    store::async<contract::lookup::cache_recreated> recreate(
        std::string bot_id, contract::lookup::cache_recreate_request asked);
    /// One that was made since `due`, else a new one; a failure leaves a job that tries again.
    store::async<void> prewarm(std::string bot_id, time_point due);
    /// Deletes what a bot holds that wants none; nothing while somebody makes or edits it.
    store::async<void> clear(std::string bot_id);
    /// Works off a `live_cache_refresh` job.
    boost::asio::awaitable<server::job_verdict> run(server::job_context job);

    /// Reads again what other processes changed since the last look.
    store::async<void> follow();

    [[nodiscard]] bot_directory& bots() noexcept { return means_.bots; }
    [[nodiscard]] settings_directory& system() noexcept { return means_.system; }

  private:
    struct wish;
    struct made;
    struct flight;
    struct flight_table;
    struct joined;
    struct landing;
    struct creation;

    boost::asio::awaitable<made> make(std::string bot_id, wish what);
    boost::asio::awaitable<made> lead(creation& at);
    boost::asio::awaitable<made> lead_leased(creation& at);
    boost::asio::awaitable<std::optional<made>> take_lease(creation& at);
    store::async<void> look(creation& at);
    boost::asio::awaitable<made> order(creation& at);
    boost::asio::awaitable<made> keep(creation& at, made_cache fresh, cache_order ordered);
    boost::asio::awaitable<made> fail(creation& at, error cause);
    [[nodiscard]] static std::shared_ptr<flight_table> no_flights();
    joined join(std::string const& bot_id, std::shared_ptr<boost::asio::steady_timer> const& timer);
    store::async<bot_ptr> swap(server::loop_lease& lease, bot_ptr bot,
                               std::optional<cache_state> state, wire::json_object event);
    store::async<void> clear_leased(server::loop_lease& lease, bot_ptr bot);
    store::async<void> leave_job(bot_entry const& bot, std::string cause, seconds wait);
    [[nodiscard]] server::lease_options lease_for(std::string const& bot_id) const;
    void count(char const* outcome);

    cache_means means_;
    cache_provider provider_;
    std::shared_ptr<flight_table> flights_;
    std::atomic<std::int64_t> last_look_;  // Unix ms
};

}  // namespace cxb::api
