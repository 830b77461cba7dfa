#pragma once
/// @file
/// Rows of `/ops`: jobs, dead letters, status (spec 21 §9.1).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> job_routes() noexcept;

}  // namespace cxb::api
