// What a running cxb-api does by itself (spec 20 §1 "loop").
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "server/api/app/api_parts.hpp"
#include "server/api/audit/audit_chain.hpp"
#include "server/api/calls/stale_calls.hpp"
#include "server/api/retention/retention.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;

constexpr std::chrono::days refusals_kept{30};
constexpr std::int64_t most_counted_calls = 100000;

// In portions, so that a long clean-up does not hold up the writes of calls.
store::async<void> remove_all(server::loop_lease& lease, store::collection const& from,
                              store::filter old) {
    for (;;) {
        CXB_CO_TRY(auto const removed, co_await lease.remove(from, old));
        if (removed < server::leased_removals) co_return result<void>{};
    }
}

store::async<void> remove_old_audit(store::document_store& store, server::loop_lease& lease,
                                    time_point moment) {
    for (;;) {
        CXB_CO_TRY(auto const removed, co_await remove_old_audit_rows(store, lease, moment));
        if (removed < audit_portion) co_return result<void>{};
    }
}

store::filter before(char const* field, time_point moment) {
    return store::all_of({store::lt(field, wire::json_value(format_timestamp(moment)))});
}

}  // namespace

void api_app::parts::report(std::string const& loop, result<void> const& done) {
    health.loop_ran(loop, done.has_value(), done ? std::string() : done.error().detail());
    if (!done) log.warn("loop failed", {{"loop", server::plain(loop)}, {"cause", done.error()}});
}

void api_app::parts::every(std::chrono::milliseconds period, std::string name,
                           std::function<asio::awaitable<result<void>>()> work) {
    auto loop = [](parts& self, std::chrono::milliseconds wait, std::string loop_name,
                   std::function<asio::awaitable<result<void>>()> run) -> asio::awaitable<void> {
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (!self.health.stopping()) {
            timer.expires_after(wait);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            auto const done = co_await run();
            if (self.health.stopping()) co_return;
            self.report(loop_name, done);
        }
    };
    loops.spawn(0, loop(*this, period, std::move(name), std::move(work)));
}

// Between its turns a lease is kept all the same, so one process does it for all.
asio::awaitable<void> api_app::parts::keep_lease(server::loop_lease& lease) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto const& name = lease.options().name;
    while (!health.stopping()) {
        auto const now = co_await lease.keep();
        std::string const until = format_timestamp(lease.until());
        if (!now)
            log.warn("lease not kept", {{"loop", server::plain(name)}, {"cause", now.error()}});
        else if (*now == server::lease_change::lost)
            log.warn("lease lost", {{"loop", server::plain(name)}});
        else if (*now != server::lease_change::none)
            log.write(*now == server::lease_change::taken ? server::log_level::info
                                                          : server::log_level::debug,
                      *now == server::lease_change::taken ? "lease taken" : "lease kept",
                      {{"loop", server::plain(name)},
                       {"fence", lease.fence()},
                       {"until", server::plain(until)}});
        timer.expires_after(lease.options().length / 3);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void api_app::parts::every_leased(std::chrono::milliseconds period, std::string name,
                                  leased_work work) {
    leases.push_back(std::make_unique<server::loop_lease>(
        *store, time,
        server::lease_options{.name = name, .owner = instance, .length = settings.loop_lease}));
    auto& lease = *leases.back();
    loops.spawn(0, keep_lease(lease));
    auto loop = [](parts& self, server::loop_lease& right, std::chrono::milliseconds wait,
                   leased_work run) -> asio::awaitable<void> {
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (!self.health.stopping()) {
            timer.expires_after(wait);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            if (self.health.stopping() || !right.held()) continue;
            self.report(right.options().name, co_await run(right));
        }
    };
    loops.spawn(0, loop(*this, lease, period, std::move(work)));
}

asio::awaitable<void> api_app::parts::release_leases() {
    for (auto const& lease : leases) {
        auto const fence = lease->fence();
        auto const done = co_await lease->release();
        if (!done)
            log.warn("lease not released", {{"cause", done.error()}});
        else if (fence != 0)
            log.info("lease released",
                     {{"loop", server::plain(lease->options().name)}, {"fence", fence}});
    }
}

asio::awaitable<result<void>> api_app::parts::clean_up(server::loop_lease& lease) {
    time_point const now = time.now();
    CXB_CO_CHECK(co_await remove_all(lease, server::idempotency_keys,
                                     server::idempotency_keeper::expired(now)));
    for (auto& old : server::old_jobs(now))
        CXB_CO_CHECK(co_await remove_all(lease, server::jobs, std::move(old)));
    CXB_CO_CHECK(co_await remove_all(lease, model::login_throttle, before("expires_at", now)));
    CXB_CO_CHECK(co_await remove_all(lease, model::cdr_pending, before("expires_at", now)));
    CXB_CO_CHECK(co_await remove_all(lease, model::livekit_events, before("expires_at", now)));
    CXB_CO_CHECK(co_await remove_all(lease, model::event_tickets, before("expires_at", now)));
    CXB_CO_CHECK(
        co_await remove_all(lease, model::call_refusals, before("at", now - refusals_kept)));
    if (settings.audit_retention.count() > 0)
        CXB_CO_CHECK(co_await remove_old_audit(*store, lease, now - settings.audit_retention));
    co_return co_await retain(lease);
}

asio::awaitable<result<void>> api_app::parts::retain(server::loop_lease& lease) {
    CXB_CO_TRY(auto const gone, co_await apply_retention({*store, time, random, metrics},
                                                         system->get()->retention, lease));
    if (gone.any())
        log.info("retention", {{"calls", gone.calls},
                               {"recordings", gone.recordings},
                               {"transcripts", gone.transcripts},
                               {"traces", gone.traces}});
    co_return result<void>{};
}

asio::awaitable<result<void>> api_app::parts::end_stale(server::loop_lease& lease) {
    CXB_CO_TRY(std::size_t const ended, co_await end_stale_calls(services, lease));
    if (ended > 0) log.warn("calls without a result were ended", {{"calls", ended}});
    co_return result<void>{};
}

asio::awaitable<result<void>> api_app::parts::measure() {
    auto const active = store::all_of({store::eq("status", "active")});
    CXB_CO_TRY(auto const calls, co_await store->count(model::calls, active, most_counted_calls));
    metrics.get_gauge("cxb_calls_active").set(static_cast<double>(calls));
    CXB_CO_TRY(auto const open, co_await server::count_open_jobs(*store));
    std::map<server::metrics_registry::label_values, double> counts;
    for (auto const& each : open)
        counts[{each.kind, each.state}] = static_cast<double>(each.count);
    metrics.set_gauges("cxb_jobs", counts);
    co_return result<void>{};
}

void api_app::parts::start_loops() {
    using namespace std::chrono_literals;
    every(2s, "snapshots", [this]() -> asio::awaitable<result<void>> {
        auto const settings_read = co_await system->refresh();
        CXB_CO_CHECK(co_await bots->refresh());
        CXB_CO_CHECK(co_await endpoints->refresh());
        CXB_CO_CHECK(co_await prompt_caches->follow());
        co_return settings_read;
    });
    changes.emplace(*bus, *bots, *system, log, loops.executor(0));
    every_leased(clean_up_period, "clean_up", [this](auto& lease) { return clean_up(lease); });
    every_leased(stale_look, "stale_calls", [this](auto& lease) { return end_stale(lease); });
    if (trunks->configured())
        every_leased(trunk_look, "trunk_health",
                     [this](auto& lease) { return trunks->look_after(lease); });
    every_leased(cache_look, std::string(cache_loop), [this](auto& lease) {
        return run_cache_schedule(*prompt_caches, *store, lease, settings.live_prompt_cache, time,
                                  random);
    });
    every(10s, "measure", [this] { return measure(); });
    every(fleet_watch::period, "fleet_news", [this] { return fleet_news->look(); });
    start_metrics();
    std::vector<asio::any_io_executor> executors;
    executors.reserve(loops.size());
    for (std::size_t i = 0; i < loops.size(); ++i)
        executors.push_back(loops.executor(i));
    jobs->start(std::move(executors));
}

}  // namespace cxb::api
