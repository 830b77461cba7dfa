#pragma once
/// @file
/// Routes of `/audit` (spec 20 §3.3).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> audit_routes() noexcept;

}  // namespace cxb::api
