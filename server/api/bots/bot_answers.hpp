#pragma once
/// @file
/// What the handlers of `/bots` share. Private to bots/.

#include "server/api/bots/bot_directory.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {

[[nodiscard]] bot_directory& bots_of(server::request_context& context);

/// The bot after a write, with `warnings` and its `ETag`. Who may write a whole bot is not locked
/// out, so it is not locked.
[[nodiscard]] wire::http_response saved_bot_response(int status, saved_bot const& saved);

/// A version in a path or query: digits only, else nullopt.
[[nodiscard]] std::optional<std::int64_t> read_version(std::string_view text) noexcept;

}  // namespace cxb::api
