// What a running cxb-api does by itself (spec 20 §1 "loop").
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/api/app/api_parts.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;

constexpr std::chrono::days refusals_kept{30};
constexpr std::chrono::days trace_kept{30};
constexpr std::size_t removed_at_once = 1000;
constexpr std::int64_t most_counted_calls = 100000;

// In portions, so that a long clean-up does not hold up the writes of calls.
store::async<void> remove_older(store::document_store& store, store::collection const& from,
                                std::string field, time_point before) {
    auto const old = store::all_of({store::lt(field, wire::json_value(format_timestamp(before)))});
    for (;;) {
        CXB_CO_TRY(auto const removed, co_await store.remove(from, old, removed_at_once));
        if (removed < static_cast<std::int64_t>(removed_at_once)) co_return result<void>{};
    }
}

}  // namespace

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
            self.health.loop_ran(loop_name, done.has_value(),
                                 done ? std::string() : done.error().detail());
            if (!done)
                self.log.warn("loop failed",
                              {{"loop", server::plain(loop_name)}, {"cause", done.error()}});
        }
    };
    loops.spawn(0, loop(*this, period, std::move(name), std::move(work)));
}

asio::awaitable<result<void>> api_app::parts::clean_up() {
    time_point const now = time.now();
    for (;;) {
        CXB_CO_TRY(auto const removed, co_await idempotency->remove_expired(removed_at_once));
        if (removed < static_cast<std::int64_t>(removed_at_once)) break;
    }
    CXB_CO_CHECK(co_await server::remove_old_jobs(*store, now));
    CXB_CO_CHECK(co_await remove_older(*store, model::login_throttle, "expires_at", now));
    CXB_CO_CHECK(co_await remove_older(*store, model::cdr_pending, "expires_at", now));
    CXB_CO_CHECK(co_await remove_older(*store, model::call_refusals, "at", now - refusals_kept));
    CXB_CO_CHECK(co_await remove_older(*store, model::call_trace, "at", now - trace_kept));
    if (settings.audit_retention.count() > 0)
        CXB_CO_CHECK(
            co_await remove_older(*store, model::audit_log, "at", now - settings.audit_retention));
    co_return result<void>{};
}

asio::awaitable<result<void>> api_app::parts::measure() {
    auto const active = store::all_of({store::eq("status", "active")});
    CXB_CO_TRY(auto const calls, co_await store->count(model::calls, active, most_counted_calls));
    metrics.get_gauge("cxb_calls_active").set(static_cast<double>(calls));
    auto const open =
        store::all_of({store::in("state", {server::job_state::queued, server::job_state::running,
                                           server::job_state::dead})});
    CXB_CO_TRY(auto const rows, co_await store->group(server::jobs, open, {"kind", "state"}));
    std::map<std::pair<std::string, std::string>, double> now;
    for (auto const& row : rows)
        if (row.keys.size() == 2 && row.keys[0].is_string() && row.keys[1].is_string())
            now[{std::string(row.keys[0].as_string()), std::string(row.keys[1].as_string())}] =
                static_cast<double>(row.count);
    for (auto& [names, count] : job_counts)
        count = 0;  // a state that no job is in any more
    for (auto const& [names, count] : now)
        job_counts[names] = count;
    for (auto const& [names, count] : job_counts)
        metrics.get_gauge("cxb_jobs", {names.first, names.second}).set(count);
    co_return result<void>{};
}

void api_app::parts::start_loops() {
    using namespace std::chrono_literals;
    every(2s, "snapshots", [this]() -> asio::awaitable<result<void>> {
        CXB_CO_CHECK(co_await system->refresh());
        co_return co_await bots->refresh();
    });
    every(10min, "clean_up", [this] { return clean_up(); });
    every(10s, "measure", [this] { return measure(); });
    metrics.on_scrape([this] {
        metrics.get_gauge("cxb_store_queue_depth")
            .set(static_cast<double>(store->stats().write_queue_depth));
    });
    std::vector<asio::any_io_executor> executors;
    executors.reserve(loops.size());
    for (std::size_t i = 0; i < loops.size(); ++i)
        executors.push_back(loops.executor(i));
    jobs->start(std::move(executors));
}

}  // namespace cxb::api
