#pragma once
/// @file
/// Rows of `/recordings` and `/public/recordings` (spec 21 §4).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> recording_routes() noexcept;

}  // namespace cxb::api
