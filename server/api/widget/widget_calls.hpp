#pragma once
/// @file
/// A call between a browser and a bot (spec 21 §8): a room of its own, a worker in it, and a token
/// that opens that room and no other.
///
/// | errc        | detail                             | when                                      |
/// |-------------|------------------------------------|-------------------------------------------|
/// | unavailable | bot_inactive, outside_active_hours | the bot takes no calls now                |
/// | unavailable | LiveKit not configured             | no livekit.url                            |
/// | internal    | The token could not be made        | URL without key or secret                 |
/// | unavailable | No fleet servers configured        | empty list                                |
/// | unavailable | No healthy fleet server available  | none has a slot                           |
/// | unavailable | The call could not be handed over  | nobody took it, or it is not known        |
/// Thread-safety: no shared state; services outlive the coroutine.

#include <string>

#include "server/api/bots/bot_directory.hpp"
#include "server/api/services.hpp"
#include "server/api/widget/widget_bodies.hpp"

namespace cxb::api {

/// What marks a call from a browser as a test (spec 20 §8).
inline constexpr std::string_view browser_test_prefix = "browser-test-";

/// So many random bytes as hex digits.
[[nodiscard]] std::string random_hex(random_source& random, std::size_t bytes);

/// Hands the call over; the token exists only when a worker took it. `caller_id` "": a visitor.
store::async<widget_token> start_widget_call(api_services const& api, bot_ptr bot,
                                             std::string caller_id);

}  // namespace cxb::api
