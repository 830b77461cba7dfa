#pragma once
/// @file
/// How workers and hosts tell how much they can take: `GET /health` and `GET /health/fleet`
/// (spec 10 §8). No authentication, nothing personal.
///
/// `/health/fleet` is read by carriers with the byte pattern
/// `"fleet_available":([1-9]|1[0-6])[,}]`, so the writer is exact: the keys below in this order,
/// no blanks, plain integers, no newline at the end.
///
/// worker_health (one worker, `/health`):
/// | field           | type | meaning                                                      |
/// |-----------------|------|--------------------------------------------------------------|
/// | status          | text | `ok`                                                         |
/// | worker_calls    | int  | calls that run on this worker                                |
/// | worker_max      | int  | its slots                                                    |
/// | total_capacity  | int  | worker_max × workers                                         |
/// | total_available | int  | total_capacity − worker_calls; an estimate                   |
/// | workers         | int  | workers configured on this host                              |
/// | worker_id       | text |                                                              |
/// | worker_pid      | int  |                                                              |
///
/// fleet_health (one host, `/health/fleet`):
/// | field           | type | meaning                                                      |
/// |-----------------|------|--------------------------------------------------------------|
/// | status          | text | `ok`                                                         |
/// | fleet_calls     | int  | sum of `calls` over reachable workers                        |
/// | fleet_max       | int  | sum of `max`                                                 |
/// | fleet_available | int  | fleet_max − fleet_calls                                      |
/// | workers         | list | `{id, calls, max, pid, draining?}` or `{id, status:"unreachable"}` |
///
/// Readers ignore unknown members and the content of `workers` beyond its being a list.
/// Thread-safety: value types and pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/wire/field_info.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::fleet {

struct worker_health {
    std::int64_t worker_calls = 0;
    std::int64_t worker_max = 1;
    std::int64_t workers = 16;
    std::string worker_id;
    std::int64_t worker_pid = 0;

    [[nodiscard]] std::int64_t total_capacity() const noexcept { return worker_max * workers; }
    [[nodiscard]] std::int64_t total_available() const noexcept {
        return total_capacity() - worker_calls;
    }
    friend bool operator==(worker_health const&, worker_health const&) = default;
};

/// One worker of a host. Not reachable: only `id` counts.
struct fleet_worker {
    std::string id;
    bool reachable = true;
    std::int64_t calls = 0;
    std::int64_t max = 1;  ///< = calls while draining
    std::int64_t pid = 0;
    bool draining = false;
    friend bool operator==(fleet_worker const&, fleet_worker const&) = default;
};

struct fleet_health {
    std::int64_t fleet_calls = 0;
    std::int64_t fleet_max = 0;
    std::int64_t fleet_available = 0;
    std::vector<fleet_worker> workers;
    friend bool operator==(fleet_health const&, fleet_health const&) = default;
};

/// A host that cannot be used now, and why: http_status, not_json, bad_status, bad_fleet_max,
/// bad_fleet_available, bad_fleet_calls, bad_workers, timeout, network.
struct fleet_fault {
    std::string reason;
    friend bool operator==(fleet_fault const&, fleet_fault const&) = default;
};

using fleet_answer = std::variant<fleet_health, fleet_fault>;

/// Sums up reachable workers; an unreachable one counts 0.
[[nodiscard]] fleet_health make_fleet_health(std::vector<fleet_worker> workers);

/// The exact bytes of `/health/fleet`.
[[nodiscard]] std::string serialize(fleet_health const& health);
/// The bytes of `/health`.
[[nodiscard]] std::string serialize(worker_health const& health);

/// Reads a host's answer. Healthy iff status is 2xx and the body an object with `status` "ok",
/// `fleet_max` int ≥ 0, `fleet_available` int in [0, fleet_max], `fleet_calls` int ≥ 0 and a list
/// `workers`; checked in that order, the first that fails names the fault. List items that are
/// no workers are skipped.
[[nodiscard]] fleet_answer parse_fleet_health(int http_status, std::string_view body);

/// Without a usable answer: `timeout`, `not_json` (too large), `http_status` (3xx), else `network`.
[[nodiscard]] fleet_fault fault_of(error const& cause);

/// Reads a worker's own answer. Errors: `malformed`, `invalid` (all faults together).
[[nodiscard]] result<worker_health> parse_worker_health(std::string_view body);

/// JSON Schema 2020-12 of the two documents.
[[nodiscard]] std::string_view fleet_health_schema();
[[nodiscard]] std::string_view worker_health_schema();
/// Their members as data.
[[nodiscard]] std::span<wire::field_info const> fleet_health_fields();
[[nodiscard]] std::span<wire::field_info const> worker_health_fields();

}  // namespace contract::fleet
}  // namespace cxb::inline v1
CXB_EXPORT_END
