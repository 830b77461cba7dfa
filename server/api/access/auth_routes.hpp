#pragma once
/// @file
/// Rows of `/auth` (spec 20 §2.3, §2.4).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> auth_routes() noexcept;

}  // namespace cxb::api
