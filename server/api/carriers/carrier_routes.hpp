#pragma once
/// @file
/// Rows of `/carriers` (spec 21 §7) and of the SIP look-ups (§6).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> carrier_routes() noexcept;
/// `GET /sip/lookup`, `GET /sip/outbound-trunk`.
[[nodiscard]] std::span<server::route const> number_routes() noexcept;

}  // namespace cxb::api
