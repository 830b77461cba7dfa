#pragma once
/// @file
/// Rows of `/api-keys` (spec 20 §2.5).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> api_key_routes() noexcept;

}  // namespace cxb::api
