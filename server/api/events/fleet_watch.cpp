#include "server/api/events/fleet_watch.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr char const* type = "fleet.status";

// Of a host what says how it stands; latency and moment change with every probe.
std::string standing_of(json_object const& host) {
    return wire::to_text(json_object{{"url", host.at("url")},
                                     {"status", host.at("status")},
                                     {"total", host.at("total_capacity")},
                                     {"calls", host.at("worker_calls")},
                                     {"available", host.at("total_available")}});
}

}  // namespace

store::async<void> fleet_watch::look() {
    if (!hub_.has_listener(topic_of(type))) {
        told_.clear();
        co_return result<void>{};
    }
    CXB_CO_TRY(json_object const status, co_await hosts_.status());
    auto const& workers = status.at("workers").as_array();
    std::int64_t healthy = 0;
    std::string standing = "all:";
    for (auto const& one : workers) {
        auto const& host = one.as_object();
        healthy += wire::text_at(host, "status") == "healthy" ? 1 : 0;
        standing += standing_of(host);
    }
    if (standing == told_) co_return result<void>{};
    told_ = std::move(standing);
    hub_.tell_here({type,
                    {{"hosts", workers.size()},
                     {"healthy", healthy},
                     {"total_capacity", status.at("total_capacity")},
                     {"active_calls", status.at("active_calls")},
                     {"available", status.at("available")}}});
    co_return result<void>{};
}

}  // namespace cxb::api
