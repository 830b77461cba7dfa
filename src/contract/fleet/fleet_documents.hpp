#pragma once
// Private to src/contract: the two health documents as they are on the wire. Their readers get
// sums as numbers and workers that cannot be reached as a flag, which no field table says.

#include <optional>
#include <string>
#include <vector>

#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace contract::fleet {

struct worker_health_document {
    std::string status = "ok";
    std::int64_t worker_calls = 0;
    std::int64_t worker_max = 0;
    std::int64_t total_capacity = 0;
    std::int64_t total_available = 0;
    std::int64_t workers = 0;
    std::string worker_id;
    std::int64_t worker_pid = 0;
    friend bool operator==(worker_health_document const&, worker_health_document const&) = default;
};
CXB_WIRE_DECLARE(worker_health_document);

// `calls` and `max` are there when the worker can be reached.
struct fleet_worker_document {
    std::string id;
    std::optional<std::int64_t> calls;
    std::optional<std::int64_t> max;
    std::optional<std::int64_t> pid;
    std::optional<std::string> status;
    bool draining = false;
    friend bool operator==(fleet_worker_document const&, fleet_worker_document const&) = default;
};
CXB_WIRE_DECLARE_PART(fleet_worker_document);

struct fleet_health_document {
    std::string status = "ok";
    std::optional<std::int64_t> fleet_calls;
    std::optional<std::int64_t> fleet_max;
    std::optional<std::int64_t> fleet_available;
    std::vector<fleet_worker_document> workers;
    friend bool operator==(fleet_health_document const&, fleet_health_document const&) = default;
};
CXB_WIRE_DECLARE(fleet_health_document);

}  // namespace contract::fleet
}  // namespace cxb::inline v1
