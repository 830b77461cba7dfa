// What several cxb-api share beside the store (spec 20 §1 redis.url), and how it is watched.
#include "cxb/base/ids.hpp"
#include "cxb/store/memory/memory_event_bus.hpp"
#include "cxb/store/redis/redis_ephemeral_store.hpp"
#include "cxb/store/redis/redis_event_bus.hpp"
#include "server/api/app/api_parts.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;

server::readiness_check store_check(store::document_store& store) {
    return {"store", true, [&store]() -> asio::awaitable<server::check_outcome> {
                auto const began = std::chrono::steady_clock::now();
                auto const answered = co_await store.ping();
                server::check_outcome out;
                out.ok = answered.has_value();
                out.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - began);
                if (!answered) out.detail = answered.error().detail();
                co_return out;
            }};
}

server::readiness_check objects_check(store::object_store& objects, server::blocking_pool& files) {
    return {"objects", false, [&objects, &files]() -> asio::awaitable<server::check_outcome> {
                auto const began = std::chrono::steady_clock::now();
                auto const answered = co_await files.submit([&objects] { return objects.ping(); });
                server::check_outcome out;
                out.ok = answered.has_value();
                out.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - began);
                if (!answered) out.detail = answered.error().detail();
                co_return out;
            }};
}

// Not required: without Redis each process limits by itself and polls for changes.
server::readiness_check redis_check(store::ephemeral_store& shared, store::event_bus& bus) {
    return {"redis", false, [&shared, &bus]() -> asio::awaitable<server::check_outcome> {
                auto const began = std::chrono::steady_clock::now();
                auto const answered = co_await shared.ping();
                server::check_outcome out;
                out.ok = answered.has_value() && bus.connected();
                out.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - began);
                if (!answered)
                    out.detail = answered.error().detail();
                else if (!out.ok)
                    out.detail = "changes of others are not heard";
                co_return out;
            }};
}

}  // namespace

result<void> api_app::parts::open_shared() {
    if (settings.store.redis_url.empty()) {
        bus = std::make_unique<store::memory_event_bus>();
        return {};
    }
    store::redis_options options;
    CXB_TRY(options.address, store::parse_redis_url(settings.store.redis_url));
    options.prefix = settings.store.db;
    options.on_change = [this](bool up, std::string const& cause) {
        if (up)
            log.info("redis is reached");
        else
            log.warn("redis is away", {{"cause", server::plain(cause)}});
    };
    redis = std::make_shared<store::redis_pool>(std::move(options));
    shared = std::make_unique<store::redis_ephemeral_store>(redis);
    CXB_TRY(bus, store::redis_event_bus::open(redis));
    if (redis->wait_connected(patience)) return {};
    return error{errc::unavailable, "Redis cannot be reached"}.with_note({redis->last_fault()});
}

void api_app::parts::add_checks() {
    health.add_check(store_check(*store));
    if (shared) health.add_check(redis_check(*shared, *bus));
    health.add_check(objects_check(*objects, files));
    if (trunks->configured())
        health.add_check({"livekit", false, [this] { return trunks->probe(); }});
}

void api_app::parts::start_metrics() {
    // Whoever watches sees a counter grow only from a first value on.
    metrics.get_counter("cxb_stale_calls_total").add(0);
    metrics.get_counter("cxb_dialout_total", {"unknown"}).add(0);
    metrics.on_scrape([this] {
        auto const raise = [this](std::string const& name,
                                  server::metrics_registry::label_values labels, auto total) {
            auto const sum = metrics.get_counter(name, labels);
            sum.add(std::max(0.0, static_cast<double>(total) - sum.value()));
        };
        for (auto const& each : store_measures()) {
            auto const name = "cxb_store_" + std::string(each.name);
            if (each.counter)
                raise(name, {}, each.value);
            else
                metrics.get_gauge(name).set(each.value);
        }
        auto const news = bus->counters();
        raise("cxb_events_total", {"published"}, news.published);
        raise("cxb_events_total", {"received"}, news.received);
        raise("cxb_events_total", {"missed"}, news.missed);
        raise("cxb_events_total", {"lost"}, news.lost);
        metrics.get_gauge("cxb_event_streams").set(static_cast<double>(events->streams()));
        for (auto const& lease : leases)
            metrics.get_gauge("cxb_loop_lease_fence", {lease->options().name})
                .set(static_cast<double>(lease->held() ? lease->fence() : 0));
        raise("cxb_log_dropped_total", {}, log.dropped());
        if (!shared) return;
        raise("cxb_redis_failures_total", {}, shared->counters().failures);
        raise("cxb_redis_connects_total", {}, shared->counters().connects);
        metrics.get_gauge("cxb_redis_up").set(redis->connected() ? 1 : 0);
    });
}

}  // namespace cxb::api
