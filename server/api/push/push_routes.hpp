#pragma once
/// @file
/// Rows of `/calls/{id}/push`, `/calls/{id}/pushes` and `/ops/jobs` (spec 21 §3.4, §9.1).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> push_routes() noexcept;

}  // namespace cxb::api
