#pragma once
/// @file
/// Rows of `/calls/{id}/push` and `/calls/{id}/pushes` (spec 21 §3.4).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> push_routes() noexcept;

}  // namespace cxb::api
