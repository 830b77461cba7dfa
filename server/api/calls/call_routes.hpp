#pragma once
/// @file
/// Rows of `/call-results`, `/cdr` and `/calls` (spec 21 §1, §2).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> call_routes() noexcept;

}  // namespace cxb::api
