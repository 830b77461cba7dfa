#pragma once
/// @file
/// `GET /analytics/overview|volume|outcomes|latency|usage` (spec 21 §11).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> analytics_routes() noexcept;

}  // namespace cxb::api
