#pragma once
/// @file
/// Rows of the web widget and of the browser test (spec 21 §8).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> widget_routes() noexcept;

}  // namespace cxb::api
