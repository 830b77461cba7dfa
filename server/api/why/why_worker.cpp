// Worker hosts: one by its URL, or all together as a call finds them (spec 21 §5).
#include <algorithm>
#include <map>

#include "server/api/fleet/fleet_service.hpp"
#include "server/api/why/why_reasons.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr std::size_t named_hosts = 20;
// What comes nearest to taking a call first.
constexpr std::string_view by_nearness[] = {"reserved", "full", "draining", "unreachable"};

std::int64_t draining_workers(contract::fleet::fleet_health const& health) {
    return std::ranges::count_if(health.workers,
                                 [](auto const& each) { return each.reachable && each.draining; });
}

bool is_draining(contract::fleet::fleet_health const& health) {
    return draining_workers(health) > 0 &&
           std::ranges::all_of(health.workers,
                               [](auto const& each) { return !each.reachable || each.draining; });
}

std::string_view code_of(host_state const& host) {
    auto const& health = host.probe.health;
    if (!health) return "unreachable";
    if (host.available() > 0) return "free";
    if (health->fleet_available > 0) return "reserved";
    if (is_draining(*health)) return "draining";
    return health->fleet_max == 0 ? "unreachable" : "full";  // of its workers nobody answers
}

json_object evidence_of(host_state const& host) {
    json_object out{{"latency_ms", host.probe.latency.count()},
                    {"probed_at", format_timestamp(host.checked_at)},
                    {"holds", host.holds}};
    if (auto const& health = host.probe.health) {
        out["total_capacity"] = health->fleet_max;
        out["active_calls"] = health->fleet_calls;
        out["available"] = host.available();
        out["draining_workers"] = draining_workers(*health);
        if (health->fleet_max == 0) out["reason"] = "no_workers";
    } else {
        out["reason"] = host.probe.reason;
    }
    return out;
}

}  // namespace

store::async<void> why_worker(why_ask const& ask, why_report& out) {
    std::string url = ask.id;
    while (url.ends_with('/'))
        url.pop_back();
    CXB_CO_TRY(auto const hosts, co_await ask.api.hosts->states());
    auto const found =
        std::ranges::find_if(hosts, [&](host_state const& each) { return each.probe.url == url; });
    if (hosts.empty())
        out.add("no_fleet");
    else if (found == hosts.end())
        out.add("not_in_fleet", {.evidence = {{"hosts", hosts.size()}}});
    else
        out.add(code_of(*found), {.evidence = evidence_of(*found)});
    co_return result<void>{};
}

store::async<void> why_fleet(api_services& api, why_report& out) {
    CXB_CO_TRY(auto const hosts, co_await api.hosts->states());
    if (hosts.empty()) out.add("no_fleet");
    std::map<std::string_view, wire::json_array> urls;
    std::map<std::string_view, std::int64_t> counts;
    for (auto const& host : hosts) {
        auto const code = code_of(host);
        ++counts[code];
        if (urls[code].size() < named_hosts) urls[code].push_back(wire::json_value(host.probe.url));
    }
    auto const add = [&](std::string_view code) {
        out.add(code, {.evidence = {{"count", counts.at(code)}, {"hosts", urls.at(code)}}});
    };
    if (counts.contains("free")) {
        add("free");
        co_return result<void>{};
    }
    for (auto const code : by_nearness)
        if (counts.contains(code)) add(code);
    co_return result<void>{};
}

}  // namespace cxb::api
