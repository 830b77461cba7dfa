#pragma once
/// @file
/// Body of `GET /ops/status` (spec 21 §9.1): what runs where, and what waits.

#include "server/api/services.hpp"
#include "server/common/health/health.hpp"

namespace cxb::api {

/// `{version, started_at, loops, jobs, store, fleet}`. A loop that one process runs for all names
/// its holder; the others run in every process and name this one. Errors: those of the store.
store::async<wire::json_object> ops_status(api_services& api, server::health_service& health);

}  // namespace cxb::api
