#pragma once
/// @file
/// Rows of `/events` (spec 21 §10).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> event_routes() noexcept;

}  // namespace cxb::api
