#pragma once
/// @file
/// Where carriers and diallers reach the media WebSockets of our workers (spec 20 §5.2 wss-url).

#include <string>

#include "server/api/services.hpp"

namespace cxb::api {

/// `fleet.public_wss_base`, else the first worker host with https as wss and http as ws, else
/// `wss://localhost`; without a slash at its end. `/ws/{bot_id}` or `/exotel/{bot_id}` follows.
[[nodiscard]] std::string media_base(api_services const& api);

}  // namespace cxb::api
