#include "src/contract/fleet/fleet_documents.hpp"

namespace cxb::inline v1 {
namespace contract::fleet {
namespace {

using wire::field;
using host = fleet_health_document;
using worker = fleet_worker_document;
using alone = worker_health_document;

constexpr double largest_count = 1'000'000;
constexpr std::string_view ok_words[] = {"ok"};

constexpr wire::field_row alone_rows[] = {
    field<&alone::status>("status").required().words(ok_words).doc("ok."),
    field<&alone::worker_calls>("worker_calls")
        .required()
        .range(0, largest_count)
        .doc("Calls that run on this worker."),
    field<&alone::worker_max>("worker_max").required().range(0, largest_count).doc("Its slots."),
    field<&alone::total_capacity>("total_capacity").doc("worker_max times workers."),
    field<&alone::total_available>("total_available").doc("The same without worker_calls."),
    field<&alone::workers>("workers")
        .required()
        .range(0, largest_count)
        .doc("Workers configured on this host."),
    field<&alone::worker_id>("worker_id").required().doc("Which worker."),
    field<&alone::worker_pid>("worker_pid").required().doc("Its process."),
};
constexpr wire::field_row worker_rows[] = {
    field<&worker::id>("id").lenient().doc("Which worker."),
    field<&worker::calls>("calls").range(0, largest_count).lenient().doc("Calls that run on it."),
    field<&worker::max>("max").range(0, largest_count).lenient().doc("Its slots."),
    field<&worker::pid>("pid").lenient().doc("Its process."),
    field<&worker::status>("status").lenient().doc("unreachable: it did not answer."),
    field<&worker::draining>("draining")
        .omit_default()
        .lenient()
        .doc("It takes no calls any more."),
};
constexpr wire::field_row host_rows[] = {
    field<&host::status>("status").required().words(ok_words).doc("ok."),
    field<&host::fleet_calls>("fleet_calls")
        .required()
        .range(0, largest_count)
        .doc("Calls that run on reachable workers."),
    field<&host::fleet_max>("fleet_max").required().range(0, largest_count).doc("Their slots."),
    field<&host::fleet_available>("fleet_available")
        .required()
        .range(0, largest_count)
        .doc("Slots that are free."),
    field<&host::workers>("workers").required().tolerant().doc("All workers of the host."),
};

void check_host(host const& value, wire::fault_sink& sink) {
    if (value.fleet_available && value.fleet_max && *value.fleet_available > *value.fleet_max)
        sink.add("/fleet_available", "must be at most fleet_max");
}

}  // namespace

CXB_WIRE_PART(fleet_worker_document,
              wire::table<worker>("One worker of a host.", worker_rows).name("fleet_worker"))
CXB_WIRE_TYPE(
    worker_health_document,
    wire::table<alone>("Load of one worker, GET /health.", alone_rows).name("worker_health"))
CXB_WIRE_TYPE(fleet_health_document,
              wire::table<host>("Capacity of one worker host, GET /health/fleet.", host_rows)
                  .name("fleet_health")
                  .check<check_host>())

}  // namespace contract::fleet
}  // namespace cxb::inline v1
