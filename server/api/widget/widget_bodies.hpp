#pragma once
/// @file
/// Bodies of `/widget/token` and `/bots/{id}/browser-test` (spec 21 §8).

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

namespace cxb::api {

/// What a page sends to let its visitor talk to a bot.
struct widget_token_request {
    std::string bot_id;
    std::string api_key;  ///< the bot's `widget_api_key`
};

/// With this a browser enters its room.
struct widget_token {
    std::string server_url;              ///< of the LiveKit server
    std::string participant_token;       ///< good for one room, for an hour
    std::optional<std::string> test_id;  ///< `caller_id` of a test call
};

CXB_WIRE_DECLARE(widget_token_request);
CXB_WIRE_DECLARE(widget_token);

}  // namespace cxb::api
