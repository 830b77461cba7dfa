#pragma once
/// @file
/// What people do to jobs: run them again, cancel them (spec 21 §9.1). Each is bound to the state
/// it starts from, so a job that moved on is not disturbed, and writes an audit row.

#include <string>

#include "server/api/audit/audit_trail.hpp"
#include "server/api/jobs/job_bodies.hpp"
#include "server/api/services.hpp"

namespace cxb::api {

enum class job_change { retry, cancel };

/// Errors: `not_found`; `conflict` when it is not dead (retry) or has ended (cancel).
store::async<void> change_job(api_services& api, std::string id, job_change what,
                              audit_actor actor);

/// Jobs that one order queues at most; the rest waits for the next one.
inline constexpr std::size_t max_dead_letters = 10'000;
/// Jobs of one transaction.
inline constexpr std::size_t dead_letter_portion = 100;

/// Queues dead jobs again, oldest first; one that dies again meanwhile is not taken twice. Gives
/// how many. Errors: `invalid` `/to`, `unavailable`.
store::async<std::size_t> retry_dead_letters(api_services& api, dead_letter_body order,
                                             audit_actor actor);

}  // namespace cxb::api
