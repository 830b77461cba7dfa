#pragma once
/// @file
/// LiveKit access tokens: HS256 JSON Web Tokens (spec 10 §2.3).
///
/// Header `{"alg":"HS256","typ":"JWT"}`; claims in this order: `iss` (API key), `sub` (identity),
/// `name`, `iat`, `nbf`, `exp`, `video`, `sip`, `metadata`, `attributes`; what the request leaves
/// out is left out. Thread-safety: pure functions.

#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/contract/livekit/token_request.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::livekit {

/// What LiveKit calls an API key: its name, and the secret that signs.
struct api_credentials {
    std::string api_key;
    secret api_secret;
};

/// Good from `now` on for `ttl_seconds`. Errors: `invalid` for an empty key or secret, or a
/// request that breaks its bounds.
[[nodiscard]] result<std::string> mint_token(api_credentials const& credentials,
                                             token_request const& request, time_point now);
/// The same from the two texts.
[[nodiscard]] result<std::string> mint_token(std::string_view api_key, secret const& api_secret,
                                             token_request const& request, time_point now);

}  // namespace contract::livekit
}  // namespace cxb::inline v1
CXB_EXPORT_END
