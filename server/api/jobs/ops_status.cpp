#include "server/api/jobs/ops_status.hpp"

#include "cxb/version.hpp"
#include "server/api/fleet/fleet_service.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using wire::json_object;
using wire::json_value;

constexpr std::size_t most_leases = 100;

// What this process saw of a loop; absent members: it has not run here.
json_object seen_here(json_object const& loops, std::string_view name) {
    json_object out{
        {"name", name}, {"owner", nullptr}, {"last_run", nullptr}, {"last_error", nullptr}};
    auto const* seen = loops.if_contains(name);
    if (seen == nullptr) return out;
    auto const& told = seen->as_object();
    if (auto const* at = told.if_contains("last_run_at")) out["last_run"] = *at;
    if (auto const* detail = told.if_contains("detail")) out["last_error"] = *detail;
    return out;
}

json_value loops_of(json_object const& here, std::vector<json_object> const& leases,
                    std::string const& instance) {
    std::map<std::string, json_object, std::less<>> all;
    for (auto const& member : here) {
        auto row = seen_here(here, member.key());
        row["owner"] = instance;
        all.emplace(member.key(), std::move(row));
    }
    for (auto const& lease : leases) {
        std::string const name(wire::text_at(lease, "_id"));
        auto row = seen_here(here, name);
        row["owner"] = wire::json_value(wire::text_at(lease, "owner"));
        auto const* written = lease.if_contains("written_at");
        if (written != nullptr && wire::text_at(lease, "owner") != instance)
            row["last_run"] = *written;
        all.insert_or_assign(name, std::move(row));
    }
    wire::json_array out;
    for (auto& [name, row] : all)
        out.push_back(std::move(row));
    return out;
}

}  // namespace

store::async<json_object> ops_status(api_services& api, server::health_service& health) {
    auto const ready = co_await health.readiness();
    auto const& checks = ready.body.at("checks").as_object();
    store::find_options options;
    options.limit = most_leases;
    CXB_CO_TRY(auto const leases,
               co_await api.store->find(server::model::system_runtime,
                                        store::all_of({store::exists("lease_until")}), options));
    CXB_CO_TRY(auto const counts, co_await server::count_open_jobs(*api.store));
    json_object jobs;
    for (auto const& each : counts) {
        if (!jobs.contains(each.kind)) jobs[each.kind] = json_object();
        jobs[each.kind].as_object()[each.state] = each.count;
    }
    CXB_CO_TRY(auto fleet, co_await api.hosts->status());
    fleet.erase("workers");
    fleet["hosts"] = api.hosts->urls().size();
    co_return json_object{
        {"version", static_cast<char const*>(version_string)},
        {"started_at", format_timestamp(api.started_at)},
        {"loops", loops_of(checks.at("loops").as_object(), leases.items, api.instance)},
        {"jobs", std::move(jobs)},
        {"store", checks.at("store")},
        {"fleet", std::move(fleet)}};
}

}  // namespace cxb::api
