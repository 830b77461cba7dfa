#pragma once
/// @file
/// Rows of `/settings` (spec 20 §4).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> settings_routes() noexcept;

}  // namespace cxb::api
