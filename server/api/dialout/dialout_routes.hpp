#pragma once
/// @file
/// Rows of `/sip/dialout` (spec 21 §6).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> dialout_routes() noexcept;

}  // namespace cxb::api
