#include "server/api/app/api_parts.hpp"

#include "cxb/base/ids.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "server/api/access/bootstrap.hpp"
#include "server/api/app/migrations.hpp"
#include "server/api/app/route_tables.hpp"
#include "server/api/app/store_at_start.hpp"
#include "server/api/push/push_job.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/api/secrets/secret_fields.hpp"
#include "server/api/webhooks/webhook_facts.hpp"
#include "server/common/backup/restore_backup.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;

}  // namespace

api_app::parts::parts(server::api_settings given, api_surroundings around)
    : settings(std::move(given)),
      names(std::move(around.names)),
      time(*around.time),
      log(settings.log),
      health("cxb-api", metrics, time),
      core(settings.core_secret),
      loops(settings.http.threads,
            [this](std::exception_ptr const&) { log.error("a coroutine ended by an exception"); }),
      instance(make_uuid7(time.now(), random)),
      patience(around.patience),
      slow_client(around.slow_client),
      slow_head(around.slow_head),
      slow_body(around.slow_body),
      stale_look(around.stale_look),
      trunk_look(around.trunk_look),
      cache_look(around.cache_look),
      cache_wait(around.cache_wait),
      event_limits(around.events),
      clean_up_period(settings.clean_up_period) {}

result<void> api_app::parts::open_stores() {
    if (auto const file = server::backup::store_file(settings.store.url))
        CXB_CHECK(server::backup::check_restored(*file));
    auto const commits = metrics.get_histogram("cxb_store_commit_seconds");
    auto const groups = metrics.get_histogram("cxb_store_group_writes");
    auto const log_syncs = metrics.get_histogram("cxb_store_sync_seconds", {"log"});
    auto const data_syncs = metrics.get_histogram("cxb_store_sync_seconds", {"data"});
    auto const seconds = [](std::chrono::nanoseconds took) {
        return std::chrono::duration<double>(took).count();
    };
    store::store_opening what{.url = settings.store.url, .database = settings.store.db};
    what.on_commit = [=](std::chrono::nanoseconds took) { commits.observe(seconds(took)); };
    what.on_group = [=](std::size_t writes) { groups.observe(static_cast<double>(writes)); };
    what.on_sync = [=](std::string_view file, std::chrono::nanoseconds took) {
        (file == "log" ? log_syncs : data_syncs).observe(seconds(took));
    };
    what.on_note = [this](std::string const& text) {
        log.info("store", {{"note", server::plain(text)}});
    };
    auto const opening = [](store::store_opening one) {
        return store::open_document_store(std::move(one));
    };
    auto const waiting = [this](error const& away) {
        log.warn("store is away, asked again", {{"cause", server::plain(away.note())}});
    };
    auto opened = open_when_there(what, {opening, pauses_for(patience), waiting});
    if (!opened)
        return error{opened.error().code(), "store.url: " + opened.error().detail()}.with_note(
            {opened.error().note()});
    CXB_TRY(auto box,
            domain::secret_box::make(settings.secrets_key, settings.secrets_key_previous));
    store = std::make_unique<telling_store>(
        std::move(opened->store),
        server::document_sealer(std::move(box), secret_collections(), random));
    store_measures = std::move(opened->measures);
    return open_objects();
}

result<void> api_app::parts::open_clients() {
    net::http_client_options options;
    options.ca_file = settings.http.ca_file;
    CXB_TRY(auto policy, domain::make_guard_policy(settings.production(), settings.guard_allow));
    net::http_client_options outside = options;
    outside.names = names;
    CXB_TRY(guarded, net::guarded_http_client::create(policy, std::move(outside)));
    auto const count = [this](std::string_view reason) {
        metrics.get_counter("cxb_guard_refused_total", {std::string(reason)}).add();
    };
    guarded->on_refusal(count);
    // Hosts may stand inside, but their names must not lead to where clouds keep credentials.
    CXB_TRY(auto hosts_policy, domain::make_guard_policy(settings.production(), {},
                                                         domain::guard_mode::operator_fleet));
    options.names = names;
    CXB_TRY(fleet_client,
            net::guarded_http_client::create(std::move(hosts_policy), std::move(options)));
    fleet_client->on_refusal(count);
    return {};
}

result<void> api_app::parts::make_services() {
    token_settings tokens;
    tokens.key = settings.jwt.current;
    tokens.previous = settings.jwt.previous;
    tokens.lifetime = settings.jwt.expire;
    CXB_TRY(tokens.algorithm, wire::parse_jws_algorithm(settings.jwt.algorithm));
    if (tokens.key.empty()) {
        CXB_TRY(tokens.key, server::development_jwt_secret(settings.data_dir));
        settings.jwt.current = tokens.key;
    }
    audit.emplace(*store, time, random);
    users.emplace(*store, *audit, hashing, metrics, time, random, std::move(tokens));
    people.emplace(*store, *audit, hashing, time, random);
    keys.emplace(*store, *audit, time, random);
    system.emplace(*store, *audit, time, guarded->policy());
    bots.emplace(*store, *audit, time, random, guarded->policy());
    prompt_caches.emplace(cache_means{*store, *bots, *system, *audit, *guarded, metrics, time,
                                      random, instance, settings.live_prompt_cache.ttl,
                                      cache_wait});
    bots->before_saving(
        [this](bot_entry const& next, wire::json_object& document, store::batch& together) {
            prompt_caches->note_save(next, document, together);
        });
    endpoints.emplace(*store, *audit, time, random, guarded->policy());
    fleet_options fleet;
    fleet.fallback_urls = settings.fleet.urls;
    fleet.health_timeout = settings.fleet.health_timeout;
    fleet.snapshot_max_age = settings.fleet.snapshot_max_age;
    fleet.reservation = settings.fleet.reservation;
    hosts.emplace(*fleet_client, *system, *store, metrics, time, random, std::move(fleet));
    handover.emplace(*hosts, *fleet_client, core, log, time);
    dialouts.emplace(*handover, *store, log, metrics, time, random, settings.fleet.dialout_timeout);
    exotel.emplace(*store, *audit, time, random, guarded->policy(), settings.phone_region);
    make_calls();
    make_carriers();
    make_jobs();
    return fill_services();
}

void api_app::parts::make_calls() {
    config_options options;
    options.production = settings.production();
    options.phone_region = settings.phone_region;
    options.deadline = settings.config_deadline;
    options.upload_key = contract::recording_token::upload_key(settings.jwt.current);
    recordings.emplace(
        library_means{*system, *hosts, *objects, bucket, *storage_client, core, log, time, random});
    options.presigned = [this](std::string_view key, time_point now, time_point end) {
        return recordings->upload_url(key, now, end);
    };
    prefetch.emplace(*guarded, time);
    configs.emplace(*store, *bots, *system, *prefetch, *endpoints, turns, metrics, time, random,
                    std::move(options));
    results.emplace(*store, *bots, *endpoints, turns, metrics, time, random);
    sender.emplace(*store, *guarded, metrics, time, random, settings.push_wait_scale);
    tokens.emplace(*guarded, time);
    pushes.emplace(*store, *bots, *sender, *tokens, time, random);
    webhooks.emplace(*store, *endpoints, *sender, time, random);
}

void api_app::parts::make_carriers() {
    client::livekit_options how;
    how.way = fleet_client.get();
    how.time = &time;
    how.url = settings.livekit.url;
    how.credentials = {settings.livekit.api_key, settings.livekit.api_secret};
    livekit.emplace(std::move(how));
    carriers.emplace(*store, *audit, time, random,
                     carrier_options{settings.phone_region, livekit->configured()});
    trunks.emplace(*store, *livekit, turns, metrics, time, random, settings.push_wait_scale);
}

void api_app::parts::make_jobs() {
    server::job_options job_options;
    job_options.workers = static_cast<unsigned>(settings.jobs.workers);
    job_options.poll = settings.jobs.poll;
    job_options.lease = settings.jobs.lease;
    job_options.owner = instance;
    job_options.on_fault = [this](std::string const& text) {
        log.warn("job runner", {{"fault", server::plain(text)}});
    };
    job_options.on_settled = [this](store::json_object const& row) {
        if (auto news = news_of_job(row); news && events) events->tell(*std::move(news));
    };
    jobs.emplace(*store, time, random, std::move(job_options));
    jobs->register_handler(
        std::string(push_kind),
        [this](server::job_context job) { return pushes->run(std::move(job)); },
        [this](server::job_context const& job, server::job_verdict& verdict) {
            pushes->given_up(job, verdict);
        });
    jobs->register_handler(std::string(removal_kind), [this](server::job_context job) {
        return remove_recordings(*recordings, std::move(job));
    });
    jobs->register_handler(std::string(cache_refresh_kind), [this](server::job_context job) {
        return prompt_caches->run(std::move(job));
    });
    jobs->register_handler(std::string(webhook_kind), [this](server::job_context job) {
        return webhooks->run(std::move(job));
    });
    jobs->register_handler(std::string(sync_kind), [this](server::job_context job) {
        return trunks->run_sync(std::move(job));
    });
    jobs->register_handler(std::string(cleanup_kind), [this](server::job_context job) {
        return trunks->run_cleanup(std::move(job));
    });
}

void api_app::parts::make_events() {
    events.emplace(*bus, *store, time, random, instance, event_limits);
    fleet_news.emplace(*events, *hosts);
    services.events = &*events;
    store->tell_to([this](event_news news) { events->tell(std::move(news)); });
    // Each process tells its own listeners, once they would read the new settings here.
    system->on_moved([this](std::int64_t version) {
        events->tell_here({"settings.changed", {{"version", version}}});
    });
}

result<void> api_app::parts::fill_services() {
    services.settings = &settings;
    services.data_dir = settings.data_dir;
    services.instance = instance;
    services.started_at = time.now();
    services.time = &time;
    services.random = &random;
    services.store = store.get();
    services.guarded = guarded.get();
    services.fleet = fleet_client.get();
    services.log = &log;
    services.metrics = &metrics;
    services.hashing = &hashing;
    services.objects = objects.get();
    services.uploads = spool ? spool.get() : objects.get();
    services.files = &files;
    services.recordings = &*recordings;
    services.turns = &turns;
    services.jobs = &*jobs;
    services.audit = &*audit;
    services.system = &*system;
    services.bots = &*bots;
    services.users = &*users;
    services.people = &*people;
    services.keys = &*keys;
    services.hosts = &*hosts;
    services.dialouts = &*dialouts;
    services.handover = &*handover;
    services.exotel = &*exotel;
    services.configs = &*configs;
    services.results = &*results;
    services.endpoints = &*endpoints;
    services.webhooks = &*webhooks;
    services.carriers = &*carriers;
    services.trunks = &*trunks;
    services.prompt_caches = &*prompt_caches;
    return {};
}

void api_app::parts::make_router() {
    access.emplace(core, *users, *keys);
    limiter.emplace(shared.get());
    idempotency.emplace(*store, time);
    service_set.add(services);
    service_set.add(health);
    service_set.add(openapi);
    server::router_options options;
    options.trusted_proxies = settings.http.trusted_proxies;
    options.cors_origins = settings.http.cors_origins;
    options.public_url = settings.http.public_url;
    options.internal_url = settings.http.internal_url;
    options.fallback_authority = settings.http.bind + ":" + std::to_string(settings.http.port);
    options.request_timeout = settings.http.request_timeout;
    options.body_timeout = slow_body;
    router.emplace(
        std::move(options),
        server::router_parts{time, *access, log, metrics, service_set, &*limiter, &*idempotency},
        route_tables());
}

asio::awaitable<result<void>> api_app::parts::first_admin(audit_actor who) {
    CXB_CO_TRY(bool const needed, co_await users->bootstrap_needed());
    auto const& wanted = settings.bootstrap;
    // A token that is of no use any more should be found by nobody.
    if (!needed) {
        remove_bootstrap_token(settings.data_dir);
        co_return result<void>{};
    }
    if (!wanted.admin_email.empty()) {
        auto const made = co_await users->bootstrap(
            {wanted.admin_email, wanted.admin_password, wanted.admin_name, "super_admin"}, who);
        // Another process of the same store may have been faster.
        bool const late = !made && made.error().reason() == "bootstrap_done";
        if (!made && !late) co_return made.error();
        remove_bootstrap_token(settings.data_dir);
        if (made) log.info("first admin created", {{"by", server::plain(who.label)}});
        co_return result<void>{};
    }
    CXB_CO_CHECK(ensure_bootstrap_token(settings.data_dir, random));
    std::string const path = bootstrap_token_file(settings.data_dir).string();
    log.info("no admin yet: POST /api/v1/auth/bootstrap with the token in this file",
             {{"path", server::plain(path)}});
    co_return result<void>{};
}

asio::awaitable<result<void>> api_app::parts::ensure_collections() {
    for (auto const* collection : model::all_collections())
        CXB_CO_CHECK(co_await store->ensure(*collection));
    CXB_CO_CHECK(co_await store->ensure(server::jobs));
    co_return co_await store->ensure(server::idempotency_keys);
}

asio::awaitable<result<void>> api_app::parts::migrate() {
    server::migration_runner runner(*store, time, {.owner = instance});
    CXB_CO_TRY(int const done, co_await runner.run(api_migrations()));
    if (done > 0) log.info("store migrated", {{"migrations", done}});
    co_return result<void>{};
}

asio::awaitable<result<void>> api_app::parts::prepare() {
    CXB_CO_CHECK(co_await ensure_collections());
    CXB_CO_CHECK(co_await migrate());
    CXB_CO_CHECK(co_await system->load());
    CXB_CO_CHECK(co_await bots->load());
    CXB_CO_CHECK(co_await endpoints->refresh());
    co_return co_await first_admin(audit_actor::system("settings"));
}

}  // namespace cxb::api
