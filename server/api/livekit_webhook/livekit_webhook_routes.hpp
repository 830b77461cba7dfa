#pragma once
/// @file
/// Row of `POST /livekit/webhook` (spec 21 §7): what the LiveKit server tells.

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> livekit_webhook_routes() noexcept;

}  // namespace cxb::api
