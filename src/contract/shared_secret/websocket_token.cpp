#include "cxb/contract/shared_secret/websocket_token.hpp"

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace contract::shared_secret {
namespace {

bool is_token_of(std::string_view token, std::string_view bot_id, secret const& key) {
    bool const same = equal_constant_time(token, websocket_token(key, bot_id));
    return same && !key.empty();
}

}  // namespace

std::string websocket_token(secret const& core_secret, std::string_view bot_id) {
    return to_base64url(hmac_sha256(core_secret.reveal(), "cxb-ws:" + std::string(bot_id)));
}

result<void> verify_websocket_token(std::string_view token, std::string_view bot_id,
                                    keyring const& keys) {
    bool const current = is_token_of(token, bot_id, keys.current);
    bool const previous = is_token_of(token, bot_id, keys.previous);
    if (!current && !previous) return error{errc::forbidden, "Invalid token"};
    return {};
}

}  // namespace contract::shared_secret
}  // namespace cxb::inline v1
