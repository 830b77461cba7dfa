#include "cxb/contract/shared_secret/websocket_token.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::shared_secret;

constexpr auto bot = "65f000000000000000000001";
constexpr auto token = "Bs7ducgd324Plqjt-Q45nQ5NazBvHPrDikIPso0jzXE";
secret const key{"0123456789abcdef0123456789abcdef"};

// 10-7
TEST(WebsocketToken, Vector) {
    EXPECT_EQ(websocket_token(key, bot), token);
}

TEST(WebsocketToken, EitherSecretIsGood) {
    EXPECT_TRUE(verify_websocket_token(token, bot, {key, secret{}}));
    EXPECT_TRUE(verify_websocket_token(token, bot, {secret{"new"}, key}));
    EXPECT_FALSE(verify_websocket_token(token, "65f000000000000000000002", {key, secret{}}));
    EXPECT_FALSE(verify_websocket_token("", bot, {key, secret{}}));
    auto const unset = websocket_token(secret{}, bot);
    auto const refused = verify_websocket_token(unset, bot, {key, secret{}});
    ASSERT_FALSE(refused) << "an unset previous secret opens nothing";
    EXPECT_EQ(refused.error().code(), errc::forbidden);
}

}  // namespace
