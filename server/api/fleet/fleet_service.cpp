#include "server/api/fleet/fleet_service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/ids.hpp"
#include "server/common/async/contention.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using wire::json_object;

constexpr int cas_tries = 8;

// Shared by the probes of one round; all of them run on the round's own executor.
struct round_state {
    explicit round_state(asio::any_io_executor const& executor) : done(executor) {}
    std::vector<host_probe> hosts;
    std::size_t open = 0;
    bool usable_seen = false;
    asio::steady_timer done;
};

asio::awaitable<void> probe_one(std::shared_ptr<round_state> round, std::size_t index,
                                client::transport& hosts, clock const& time,
                                fleet_options const& options) {
    client::outgoing_request request{round->hosts[index].url + "/health/fleet", {}};
    client::transport_options how;
    how.total = options.health_timeout;
    how.max_response_bytes = limits::health_body;
    auto const began = time.steady();
    auto const answer = co_await hosts.send(std::move(request), how);
    host_probe& host = round->hosts[index];
    host.latency = std::chrono::duration_cast<milliseconds>(time.steady() - began);
    namespace fleet = contract::fleet;
    if (answer) {
        auto judged = fleet::parse_fleet_health(answer->status, answer->bytes());
        if (auto* health = std::get_if<fleet::fleet_health>(&judged)) {
            host.health = std::move(*health);
            host.reason.clear();
        } else {
            host.reason = std::get<fleet::fleet_fault>(judged).reason;
        }
    } else {
        host.reason = fleet::fault_of(answer.error()).reason;
    }
    bool const first_usable =
        host.health && host.health->fleet_available > 0 && !round->usable_seen;
    if (first_usable) round->usable_seen = true;
    if (--round->open == 0)
        round->done.cancel();
    else if (first_usable)
        round->done.expires_after(options.after_first_answer);
}

}  // namespace

std::vector<std::string> fleet_service::urls() const {
    auto const settings = system_.get();
    return settings->fleet.empty() ? options_.fallback_urls : settings->fleet;
}

asio::awaitable<fleet_round> fleet_service::run_round(std::vector<std::string> urls) {
    auto const executor = co_await asio::this_coro::executor;
    auto round = std::make_shared<round_state>(executor);
    time_point const now = time_.now();
    for (auto const& url : urls)
        round->hosts.push_back({url, {}, "timeout", {}, now});
    round->open = urls.size();
    round->done.expires_after(options_.health_timeout);
    for (std::size_t i = 0; i < urls.size(); ++i)
        asio::co_spawn(executor, probe_one(round, i, hosts_, time_, options_), asio::detached);
    // Moving the expiry wakes the wait early; it is over once nothing is open or time has passed.
    while (round->open > 0 && round->done.expiry() > asio::steady_timer::clock_type::now())
        co_await round->done.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return fleet_round{round->hosts, time_.now(), std::move(urls)};
}

void fleet_service::measure(fleet_round const& round) const {
    std::map<server::metrics_registry::label_values, double> slots;
    for (auto const& host : round.hosts) {
        auto const health = host.health.value_or(contract::fleet::fleet_health{});
        slots[{host.url, "max"}] = static_cast<double>(health.fleet_max);
        slots[{host.url, "calls"}] = static_cast<double>(health.fleet_calls);
        slots[{host.url, "available"}] = static_cast<double>(health.fleet_available);
    }
    metrics_.set_gauges("cxb_fleet_slots", slots);
}

store::async<std::shared_ptr<fleet_round const>> fleet_service::probe() {
    auto const wanted = urls();
    auto const fresh = [&](fleet_round const& round) {
        return round.urls == wanted && time_.now() - round.at < options_.snapshot_max_age &&
               time_.now() >= round.at;
    };
    if (auto const known = last_.get(); fresh(*known)) co_return known;
    auto const turn = co_await turns_.take("probe");
    if (auto const known = last_.get(); fresh(*known)) co_return known;
    last_.set(co_await run_round(wanted));
    measure(*last_.get());
    co_return last_.get();
}

store::async<std::map<std::string, domain::fleet_holds>> fleet_service::holds_of(
    std::vector<std::string> urls) {
    std::map<std::string, domain::fleet_holds> out;
    store::find_options options;
    options.limit = urls.size();
    CXB_CO_TRY(auto const page,
               co_await store_.find(
                   model::fleet_reservations,
                   store::all_of({store::in("_id", wire::json_array(urls.begin(), urls.end()))}),
                   options));
    for (auto const& document : page.items)
        if (auto const* holds = document.if_contains("holds"))
            out.emplace(wire::text_at(document, "_id"), domain::parse_fleet_holds(*holds));
    co_return out;
}

store::async<bool> fleet_service::edit_holds(std::string url, edit_fn edit) {
    auto const turn = co_await turns_.take("hold " + url);
    for (int i = 0; i < cas_tries; ++i) {
        CXB_CO_TRY(auto const stored,
                   co_await store_.find_one(model::fleet_reservations, store::by_id(url)));
        domain::fleet_holds holds;
        if (stored)
            if (auto const* list = stored->if_contains("holds"))
                holds = domain::parse_fleet_holds(*list);
        auto changed = edit(std::move(holds), time_.now());
        if (!changed) co_return false;
        if (!stored) {
            auto const inserted = co_await store_.insert(
                model::fleet_reservations,
                {{"_id", url}, {"version", 1}, {"holds", domain::to_json(*changed)}});
            if (inserted) co_return true;
            if (inserted.error().code() != errc::conflict) co_return inserted.error();
            co_await server::contention_pause(i + 1, random_);
            continue;
        }
        CXB_CO_TRY(bool const written,
                   co_await store_.update_one(
                       model::fleet_reservations,
                       store::all_of({store::eq("_id", wire::json_value(url)),
                                      store::eq("version", wire::int_at(*stored, "version"))}),
                       store::update{}.set("holds", domain::to_json(*changed)).inc("version", 1)));
        if (written) co_return true;
        co_await server::contention_pause(i + 1, random_);
    }
    co_return false;
}

store::async<std::vector<host_state>> fleet_service::states() {
    std::vector<host_state> out;
    if (urls().empty()) co_return out;
    CXB_CO_TRY(auto const round, co_await probe());
    CXB_CO_TRY(auto const held, co_await holds_of(round->urls));
    for (auto const& host : round->hosts) {
        auto const known = held.find(host.url);
        int const holds = known == held.end()
                              ? 0
                              : domain::counted_holds(known->second, time_.now(), host.sent_at);
        out.push_back({host, holds, round->at});
    }
    co_return out;
}

store::async<std::optional<reserved_host>> fleet_service::reserve(std::set<std::string> excluded) {
    CXB_CO_TRY(auto const hosts, co_await states());
    std::vector<domain::fleet_candidate> candidates;
    for (auto const& host : hosts) {
        domain::fleet_candidate one;
        one.url = host.probe.url;
        one.healthy = host.probe.health.has_value() && !excluded.contains(one.url);
        one.fleet_available =
            host.probe.health ? static_cast<int>(host.probe.health->fleet_available) : 0;
        one.holds = host.holds;
        candidates.push_back(std::move(one));
    }
    for (std::size_t const index : domain::rank_hosts(candidates, random_)) {
        auto const& host = hosts[index].probe;
        std::string const id = make_uuid7(time_.now(), random_);
        int const available = candidates[index].fleet_available;
        CXB_CO_TRY(bool const got,
                   co_await edit_holds(host.url, [&](domain::fleet_holds holds, time_point now) {
                       return domain::reserve(std::move(holds), available, id, now, host.sent_at,
                                              options_.reservation);
                   }));
        if (got) co_return reserved_host{host.url, id};
    }
    co_return std::nullopt;
}

store::async<void> fleet_service::renew(reserved_host held) {
    CXB_CO_CHECK(co_await edit_holds(held.url, [&](domain::fleet_holds holds, time_point now) {
        return domain::renew(std::move(holds), held.hold_id, now, options_.reservation);
    }));
    co_return result<void>{};
}

store::async<void> fleet_service::release(reserved_host held) {
    CXB_CO_CHECK(co_await edit_holds(held.url, [&](domain::fleet_holds holds, time_point now) {
        return std::optional(domain::release(std::move(holds), held.hold_id, now));
    }));
    co_return result<void>{};
}

store::async<void> fleet_service::accept(reserved_host held) {
    CXB_CO_CHECK(co_await edit_holds(held.url, [&](domain::fleet_holds holds, time_point now) {
        return std::optional(domain::accept(std::move(holds), held.hold_id, now));
    }));
    co_return result<void>{};
}

store::async<json_object> fleet_service::status() {
    std::int64_t capacity = 0;
    std::int64_t active = 0;
    wire::json_array workers;
    CXB_CO_TRY(auto const hosts, co_await states());
    for (auto const& [host, holds, checked_at] : hosts) {
        json_object row{{"url", host.url},
                        {"status", host.health ? "healthy" : "unreachable"},
                        {"total_capacity", host.health ? host.health->fleet_max : 0},
                        {"total_available", host.health ? host.health->fleet_available : 0},
                        {"worker_calls", host.health ? host.health->fleet_calls : 0},
                        {"workers", wire::json_array{}},
                        {"latency_ms", host.latency.count()},
                        {"holds", holds},
                        {"checked_at", format_timestamp(checked_at)}};
        if (host.health) {
            capacity += host.health->fleet_max;
            active += host.health->fleet_calls;
            CXB_CO_TRY(auto const shown,
                       wire::parse_json(contract::fleet::serialize(*host.health)));
            row["workers"] = shown.as_object().at("workers");
        } else {
            row["reason"] = host.reason;
        }
        workers.push_back(std::move(row));
    }
    co_return json_object{{"total_capacity", capacity},
                          {"active_calls", active},
                          {"available", capacity - active},
                          {"workers", std::move(workers)}};
}

}  // namespace cxb::api
