#pragma once
/// @file
/// Rows of `/config` and `/bots/{id}/preview-config` (spec 20 §8, §5.2).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> config_routes() noexcept;

}  // namespace cxb::api
