#pragma once
/// @file
/// Rows of `/fleet` (spec 21 §5).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> fleet_routes() noexcept;

}  // namespace cxb::api
