#pragma once
/// @file
/// Rows of `/bots` (spec 20 §5.2; preview-config stands in config/, test-call in dialout/).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

/// The list and the bots themselves.
[[nodiscard]] std::span<server::route const> bot_routes() noexcept;
/// What a bot was: versions, their differences, restoring; copies.
[[nodiscard]] std::span<server::route const> bot_version_routes() noexcept;
/// Addresses, keys, caches and variables of one bot.
[[nodiscard]] std::span<server::route const> bot_action_routes() noexcept;

}  // namespace cxb::api
