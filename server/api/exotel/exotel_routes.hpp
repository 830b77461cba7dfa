#pragma once
/// @file
/// Rows of `/integrations/exotel` (spec 21 §8).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> exotel_routes() noexcept;

}  // namespace cxb::api
