#pragma once
/// @file
/// Rows of `/why` (spec 21 §9.2).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> why_routes() noexcept;

}  // namespace cxb::api
