#include "cxb/contract/fleet/fleet_health.hpp"

#include <utility>

#include "cxb/base/limits.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::fleet {

namespace {

constexpr std::int64_t largest_count = 1'000'000;

void member(std::string& out, std::string_view name, std::int64_t value) {
    out += '"';
    out += name;
    out += "\":";
    out += std::to_string(value);
}

void text(std::string& out, std::string_view value) {
    out += wire::to_text(wire::json_value(value));
}

// A number without fraction from 0 to a million; nothing else counts slots.
std::optional<std::int64_t> count_at(wire::json_object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    double const number = value->to_number<double>();
    if (!(number >= 0 && number <= static_cast<double>(largest_count))) return std::nullopt;
    auto const whole = static_cast<std::int64_t>(number);
    if (static_cast<double>(whole) != number) return std::nullopt;
    return whole;
}

std::optional<fleet_worker> read_worker(wire::json_value const& item) {
    if (!item.is_object()) return std::nullopt;
    auto const& object = item.get_object();
    fleet_worker worker;
    worker.id = std::string(wire::text_at(object, "id"));
    auto const calls = count_at(object, "calls");
    auto const max = count_at(object, "max");
    worker.reachable = calls && max;
    if (!worker.reachable) {
        worker.max = 0;
        return worker;
    }
    worker.calls = *calls;
    worker.max = *max;
    worker.pid = wire::int_at(object, "pid");
    worker.draining = wire::bool_at(object, "draining");
    return worker;
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
    std::string out = R"({"status":"ok",)";
    member(out, "fleet_calls", health.fleet_calls);
    out += ',';
    member(out, "fleet_max", health.fleet_max);
    out += ',';
    member(out, "fleet_available", health.fleet_available);
    out += R"(,"workers":[)";
    bool first = true;
    for (auto const& worker : health.workers) {
        if (!std::exchange(first, false)) out += ',';
        out += R"({"id":)";
        text(out, worker.id);
        out += ',';
        if (!worker.reachable) {
            out += R"("status":"unreachable"})";
            continue;
        }
        member(out, "calls", worker.calls);
        out += ',';
        member(out, "max", worker.max);
        out += ',';
        member(out, "pid", worker.pid);
        out += worker.draining ? R"(,"draining":true})" : "}";
    }
    return out + "]}";
}

std::string serialize(worker_health const& health) {
    std::string out = R"({"status":"ok",)";
    member(out, "worker_calls", health.worker_calls);
    out += ',';
    member(out, "worker_max", health.worker_max);
    out += ',';
    member(out, "total_capacity", health.total_capacity());
    out += ',';
    member(out, "total_available", health.total_available());
    out += ',';
    member(out, "workers", health.workers);
    out += R"(,"worker_id":)";
    text(out, health.worker_id);
    out += ',';
    member(out, "worker_pid", health.worker_pid);
    return out + "}";
}

fleet_answer parse_fleet_health(int http_status, std::string_view body) {
    if (http_status < 200 || http_status > 299) return fleet_fault{"http_status"};
    auto const parsed = wire::parse_json(body, limits::health_body);
    if (!parsed || !parsed->is_object()) return fleet_fault{"not_json"};
    auto const& object = parsed->get_object();
    if (wire::text_at(object, "status") != "ok") return fleet_fault{"bad_status"};
    fleet_health health;
    auto const max = count_at(object, "fleet_max");
    if (!max) return fleet_fault{"bad_fleet_max"};
    auto const available = count_at(object, "fleet_available");
    if (!available || *available > *max) return fleet_fault{"bad_fleet_available"};
    auto const calls = count_at(object, "fleet_calls");
    if (!calls) return fleet_fault{"bad_fleet_calls"};
    auto const* workers = object.if_contains("workers");
    if (workers == nullptr || !workers->is_array()) return fleet_fault{"bad_workers"};
    health.fleet_max = *max;
    health.fleet_available = *available;
    health.fleet_calls = *calls;
    for (auto const& item : workers->get_array())
        if (auto worker = read_worker(item)) health.workers.push_back(*std::move(worker));
    return health;
}

fleet_fault fault_of(error const& cause) {
    switch (cause.code()) {
        case errc::deadline_exceeded:
            return {"timeout"};
        case errc::too_large:
            return {"not_json"};
        default:
            return {"network"};
    }
}

result<worker_health> parse_worker_health(std::string_view body) {
    CXB_TRY(auto const parsed, wire::parse_json(body, limits::health_body));
    if (!parsed.is_object()) return invalid_member("", "expected object");
    auto const& object = parsed.get_object();
    std::vector<fault> faults;
    worker_health health;
    auto const read = [&](std::string_view name, std::int64_t& into) {
        auto const value = count_at(object, name);
        if (value)
            into = *value;
        else
            faults.push_back({"/" + std::string(name), "expected integer from 0 to 1000000"});
    };
    if (wire::text_at(object, "status") != "ok") faults.push_back({"/status", "expected \"ok\""});
    read("worker_calls", health.worker_calls);
    read("worker_max", health.worker_max);
    read("workers", health.workers);
    auto const* pid = object.if_contains("worker_pid");
    if (pid == nullptr || !pid->is_number())
        faults.push_back({"/worker_pid", "expected integer"});
    else
        health.worker_pid = wire::int_at(object, "worker_pid");
    auto const* id = object.if_contains("worker_id");
    if (id == nullptr || !id->is_string())
        faults.push_back({"/worker_id", "expected string"});
    else
        health.worker_id = std::string(wire::text_at(object, "worker_id"));
    if (!faults.empty()) return invalid_document(std::move(faults));
    return health;
}

}  // namespace contract::fleet
}  // namespace cxb::inline v1
