#pragma once
/// @file
/// Rows of `/bots` (spec 20 §5.2; preview-config stands in config/).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> bot_routes() noexcept;

}  // namespace cxb::api
