#pragma once
/// @file
/// The objects of a running `cxb-api`, in the order in which they are made. Private to app/.

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/store/document_store.hpp"
#include "cxb/store/object_store.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "cxb/store/redis/redis_pool.hpp"
#include "cxb/store/s3/s3_object_store.hpp"
#include "server/api/access/api_key_directory.hpp"
#include "server/api/access/gate.hpp"
#include "server/api/access/user_admin.hpp"
#include "server/api/access/user_directory.hpp"
#include "server/api/app/api_app.hpp"
#include "server/api/app/change_feed.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/calls/result_ingest.hpp"
#include "server/api/carriers/carrier_directory.hpp"
#include "server/api/carriers/carrier_sync.hpp"
#include "server/api/config/config_service.hpp"
#include "server/api/dialout/dialout_service.hpp"
#include "server/api/events/fleet_watch.hpp"
#include "server/api/events/telling_store.hpp"
#include "server/api/exotel/exotel_directory.hpp"
#include "server/api/fleet/call_handover.hpp"
#include "server/api/fleet/fleet_service.hpp"
#include "server/api/prompt_cache/cache_schedule.hpp"
#include "server/api/push/push_handler.hpp"
#include "server/api/recordings/recording_library.hpp"
#include "server/api/services.hpp"
#include "server/api/settings/settings_directory.hpp"
#include "server/api/webhooks/webhook_directory.hpp"
#include "server/api/webhooks/webhook_handler.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/health/health.hpp"
#include "server/common/http/idempotency.hpp"
#include "server/common/http/rate_limiter.hpp"
#include "server/common/http/router.hpp"
#include "server/common/http/service_set.hpp"
#include "server/common/jobs/job_runner.hpp"
#include "server/common/leases/loop_lease.hpp"
#include "server/common/log.hpp"
#include "server/common/metrics.hpp"
#include "server/common/openapi/openapi.hpp"
#include "server/common/process/blocking_pool.hpp"
#include "server/common/process/stop_signals.hpp"
#include "server/common/secrets/sealed_document_store.hpp"
#include "src/net/guarded_http_client.hpp"

namespace cxb::api {

/// Watches the stop signals on a thread of its own.
class signal_watch {
  public:
    ~signal_watch() { stop(); }
    void start(server::signal_actions actions);
    void stop();

  private:
    boost::asio::io_context loop_;
    std::optional<server::stop_signals> signals_;
    std::thread thread_;
};

struct api_app::parts {
    parts(server::api_settings given, api_surroundings around);

    server::api_settings settings;
    std::shared_ptr<net::resolver> names;
    clock const& time;
    random_source& random = system_random();
    server::logger log;
    server::metrics_registry metrics;
    server::health_service health;
    server::secret_gate core;  ///< swapped by SIGHUP
    net::event_loops loops;
    std::unique_ptr<telling_store> store;
    std::function<std::vector<store::store_measure>()> store_measures;
    std::unique_ptr<net::guarded_http_client> storage_client;  ///< to buckets; outlives them
    std::unique_ptr<store::object_store> objects;
    store::s3_bucket* bucket = nullptr;          ///< of `objects` when it is S3
    std::unique_ptr<store::object_store> spool;  ///< uploads on their way there, null for a folder
    std::string const instance;                  ///< who holds leases
    milliseconds patience;
    milliseconds slow_client;
    milliseconds slow_head;
    milliseconds slow_body;
    milliseconds stale_look;
    milliseconds trunk_look;
    milliseconds cache_look;
    milliseconds cache_wait;
    event_bounds event_limits;
    milliseconds clean_up_period;
    std::shared_ptr<store::redis_pool> redis;        ///< null: this process is alone
    std::unique_ptr<store::ephemeral_store> shared;  ///< null without Redis
    std::unique_ptr<store::event_bus> bus;
    std::unique_ptr<net::guarded_http_client> guarded;
    std::unique_ptr<net::guarded_http_client> fleet_client;
    server::blocking_pool hashing{{.threads = 2, .queue = 32}};
    server::blocking_pool files{{.threads = 2, .queue = 32}};
    server::keyed_turn turns;
    std::optional<audit_trail> audit;
    std::optional<user_directory> users;
    std::optional<user_admin> people;
    std::optional<api_key_directory> keys;
    std::optional<settings_directory> system;
    std::optional<bot_directory> bots;
    std::optional<live_prompt_caches> prompt_caches;
    std::optional<webhook_directory> endpoints;
    std::optional<client::livekit_client> livekit;
    std::optional<carrier_directory> carriers;
    std::optional<carrier_sync> trunks;
    std::optional<fleet_service> hosts;
    std::optional<call_handover> handover;
    std::optional<dialout_service> dialouts;
    std::optional<exotel_directory> exotel;
    std::optional<crm_prefetch> prefetch;
    std::optional<recording_library> recordings;
    std::optional<config_service> configs;
    std::optional<result_ingest> results;
    std::optional<push_sender> sender;
    std::optional<oauth_tokens> tokens;  ///< of pushes
    std::optional<push_handler> pushes;
    std::optional<webhook_handler> webhooks;
    std::optional<event_hub> events;  ///< none in commands that work beside a server
    std::optional<fleet_watch> fleet_news;
    std::optional<server::job_runner> jobs;
    api_services services;
    server::service_set service_set;
    server::openapi_page openapi{&api_openapi};
    std::optional<gate> access;
    std::optional<change_feed> changes;
    std::vector<std::unique_ptr<server::loop_lease>> leases;  ///< used on loop 0
    std::optional<server::rate_limiter> limiter;
    std::optional<server::idempotency_keeper> idempotency;
    std::optional<server::router> router;
    std::optional<net::http_server> http;
    signal_watch signals;

    result<void> open_stores();
    /// The object store, and the client to the S3 stores of installation and settings.
    result<void> open_objects();
    /// Redis, when the settings name one; waits for it.
    result<void> open_shared();
    result<void> open_clients();
    result<void> make_services();
    void make_calls();
    void make_jobs();
    void make_carriers();
    /// News for listeners; needs the bus.
    void make_events();
    result<void> fill_services();
    boost::asio::awaitable<result<void>> ensure_collections();
    /// What documents of older versions need.
    boost::asio::awaitable<result<void>> migrate();
    boost::asio::awaitable<result<void>> prepare();
    boost::asio::awaitable<result<void>> first_admin(audit_actor who);
    void make_router();
    void add_checks();
    void start_loops();
    void start_metrics();
    /// Nothing runs or waits any more, here or in the store. May be repeated.
    void end_work();
    boost::asio::awaitable<void> release_leases();
    /// Removes what has been kept long enough.
    boost::asio::awaitable<result<void>> clean_up(server::loop_lease& lease);
    /// Of calls, recordings, transcripts and traces.
    boost::asio::awaitable<result<void>> retain(server::loop_lease& lease);
    /// Ends calls whose result never came.
    boost::asio::awaitable<result<void>> end_stale(server::loop_lease& lease);
    /// Sets the gauges that need a look into the store.
    boost::asio::awaitable<result<void>> measure();

    /// Repeats `work` every `period` until the loops stop; failures are logged and shown by
    /// `/ready`.
    void every(std::chrono::milliseconds period, std::string name,
               std::function<boost::asio::awaitable<result<void>>()> work);
    /// How a turn of a loop ended.
    void report(std::string const& loop, result<void> const& done);
    using leased_work = std::function<boost::asio::awaitable<result<void>>(server::loop_lease&)>;
    /// The same for a loop that one process runs for all: its turns pass while another holds it.
    void every_leased(std::chrono::milliseconds period, std::string name, leased_work work);
    boost::asio::awaitable<void> keep_lease(server::loop_lease& lease);
};

}  // namespace cxb::api
