#pragma once
/// @file
/// The token a media WebSocket URL carries as `?t=` when `CXB_WS_AUTH=token` (spec 10 §2.2): a
/// keyed digest of the bot id under the shared secret, so that a leaked URL opens one bot only.
/// Thread-safety: pure functions.

#include <string>
#include <string_view>

#include "cxb/contract/shared_secret/shared_secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::shared_secret {

/// Url-safe base64 of HMAC-SHA256(secret, `cxb-ws:` + bot_id).
[[nodiscard]] std::string websocket_token(secret const& core_secret, std::string_view bot_id);

/// Either secret of the keyring is good. Errors: `forbidden`, `Invalid token`.
[[nodiscard]] result<void> verify_websocket_token(std::string_view token, std::string_view bot_id,
                                                  keyring const& keys);

}  // namespace contract::shared_secret
}  // namespace cxb::inline v1
CXB_EXPORT_END
