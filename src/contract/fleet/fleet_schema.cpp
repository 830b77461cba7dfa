#include "cxb/contract/fleet/fleet_health.hpp"

namespace cxb::inline v1 {
namespace contract::fleet {

std::string_view fleet_health_schema() {
    return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"fleet_health",)"
           R"("description":"Capacity of one worker host, GET /health/fleet","type":"object",)"
           R"("required":["status","fleet_calls","fleet_max","fleet_available","workers"],)"
           R"("properties":{"status":{"const":"ok"},)"
           R"("fleet_calls":{"type":"integer","minimum":0},)"
           R"("fleet_max":{"type":"integer","minimum":0},)"
           R"("fleet_available":{"type":"integer","minimum":0},)"
           R"("workers":{"type":"array","items":{"type":"object","required":["id"],)"
           R"("properties":{"id":{"type":"string"},"calls":{"type":"integer","minimum":0},)"
           R"("max":{"type":"integer","minimum":0},"pid":{"type":"integer"},)"
           R"("draining":{"type":"boolean"},"status":{"const":"unreachable"}}}}}})";
}

std::string_view worker_health_schema() {
    return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"worker_health",)"
           R"("description":"Load of one worker, GET /health","type":"object",)"
           R"("required":["status","worker_calls","worker_max","total_capacity",)"
           R"("total_available","workers","worker_id","worker_pid"],)"
           R"("properties":{"status":{"const":"ok"},)"
           R"("worker_calls":{"type":"integer","minimum":0},)"
           R"("worker_max":{"type":"integer","minimum":0},)"
           R"("total_capacity":{"type":"integer","minimum":0},)"
           R"("total_available":{"type":"integer"},"workers":{"type":"integer","minimum":0},)"
           R"("worker_id":{"type":"string"},"worker_pid":{"type":"integer"}}})";
}

}  // namespace contract::fleet
}  // namespace cxb::inline v1
