#pragma once
/// @file
/// Rows of `/bots/{id}/live-prompt-cache/...` (spec 20 §5.2, §10).

#include <span>

#include "server/common/http/route.hpp"

namespace cxb::api {

[[nodiscard]] std::span<server::route const> prompt_cache_routes() noexcept;

}  // namespace cxb::api
