#pragma once
/// @file
/// Rows of `/users` (spec 20 §2.3).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> user_routes() noexcept;

}  // namespace cxb::api
