#include "cxb/contract/fleet/fleet_health.hpp"

#include <algorithm>
#include <utility>

#include "cxb/base/limits.hpp"
#include "src/contract/fleet/fleet_documents.hpp"

namespace cxb::inline v1 {
namespace contract::fleet {

namespace {

fleet_worker from_document(fleet_worker_document const& from) {
    fleet_worker worker;
    worker.id = from.id;
    worker.reachable = from.calls && from.max;
    worker.max = from.max.value_or(0);
    if (!worker.reachable) {
        worker.max = 0;
        return worker;
    }
    worker.calls = *from.calls;
    worker.pid = from.pid.value_or(0);
    worker.draining = from.draining;
    return worker;
}

fleet_worker_document to_document(fleet_worker const& worker) {
    fleet_worker_document out;
    out.id = worker.id;
    if (!worker.reachable) {
        out.status = "unreachable";
        return out;
    }
    out.calls = worker.calls;
    out.max = worker.max;
    out.pid = worker.pid;
    out.draining = worker.draining;
    return out;
}

// The order in which a reader looks at the members; the first that fails names the fault.
constexpr std::pair<std::string_view, char const*> fault_words[] = {
    {"/status", "bad_status"},
    {"/fleet_max", "bad_fleet_max"},
    {"/fleet_available", "bad_fleet_available"},
    {"/fleet_calls", "bad_fleet_calls"},
    {"/workers", "bad_workers"}};

fleet_fault fault_in(error const& cause) {
    for (auto const& [pointer, word] : fault_words)
        if (std::ranges::find(cause.faults(), pointer, &fault::pointer) != cause.faults().end())
            return {word};
    return {"not_json"};
}

}  // namespace

fleet_health make_fleet_health(std::vector<fleet_worker> workers) {
    fleet_health health;
    for (auto const& worker : workers) {
        if (!worker.reachable) continue;
        health.fleet_calls += worker.calls;
        health.fleet_max += worker.max;
    }
    health.fleet_available = health.fleet_max - health.fleet_calls;
    health.workers = std::move(workers);
    return health;
}

std::string serialize(fleet_health const& health) {
    fleet_health_document out;
    out.fleet_calls = health.fleet_calls;
    out.fleet_max = health.fleet_max;
    out.fleet_available = health.fleet_available;
    for (auto const& worker : health.workers)
        out.workers.push_back(to_document(worker));
    return serialize(out);
}

std::string serialize(worker_health const& health) {
    worker_health_document out;
    out.worker_calls = health.worker_calls;
    out.worker_max = health.worker_max;
    out.total_capacity = health.total_capacity();
    out.total_available = health.total_available();
    out.workers = health.workers;
    out.worker_id = health.worker_id;
    out.worker_pid = health.worker_pid;
    return serialize(out);
}

fleet_answer parse_fleet_health(int http_status, std::string_view body) {
    if (http_status < 200 || http_status > 299) return fleet_fault{"http_status"};
    auto const read = parse_fleet_health_document(
        body, {.tolerant_items = true, .max_bytes = limits::health_body});
    if (!read) return fault_in(read.error());
    fleet_health health;
    health.fleet_calls = *read->fleet_calls;
    health.fleet_max = *read->fleet_max;
    health.fleet_available = *read->fleet_available;
    for (auto const& worker : read->workers)
        health.workers.push_back(from_document(worker));
    return health;
}

fleet_fault fault_of(error const& cause) {
    switch (cause.code()) {
        case errc::deadline_exceeded:
            return {"timeout"};
        case errc::too_large:
            return {"not_json"};
        case errc::blocked:  // by our own guard: an answer that leads elsewhere has a status
            return {cause.status() != 0 ? "http_status" : "network"};
        default:
            return {"network"};
    }
}

result<worker_health> parse_worker_health(std::string_view body) {
    CXB_TRY(auto const read,
            parse_worker_health_document(body, {.max_bytes = limits::health_body}));
    worker_health health;
    health.worker_calls = read.worker_calls;
    health.worker_max = read.worker_max;
    health.workers = read.workers;
    health.worker_id = read.worker_id;
    health.worker_pid = read.worker_pid;
    return health;
}

std::string_view fleet_health_schema() {
    return fleet_health_document_schema();
}
std::string_view worker_health_schema() {
    return worker_health_document_schema();
}
std::span<wire::field_info const> fleet_health_fields() {
    return fleet_health_document_fields();
}
std::span<wire::field_info const> worker_health_fields() {
    return worker_health_document_fields();
}

}  // namespace contract::fleet
}  // namespace cxb::inline v1
