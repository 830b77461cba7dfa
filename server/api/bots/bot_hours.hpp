#pragma once
/// @file
/// May a bot take a call now? Used before ringing and when a worker asks for the config
/// (spec 20 §8 steps 3 and 5, 21 §6 step 3).

#include "cxb/domain/active_hours.hpp"
#include "server/api/bots/bot_directory.hpp"

namespace cxb::api {

/// Hours of the bot as the domain's rule type. Errors: `invalid`.
[[nodiscard]] result<domain::active_hours> read_hours(bot_document const& bot);

/// `unavailable` with detail `bot_inactive: <name>`.
[[nodiscard]] result<void> check_bot_active(bot_document const& bot);

/// `unavailable` `outside_active_hours: …` with `next_open_at`.
[[nodiscard]] result<void> check_bot_open(bot_entry const& bot, time_point now);

/// `check_bot_active`, then `check_bot_open`.
[[nodiscard]] result<void> check_bot_takes_calls(bot_entry const& bot, time_point now);

}  // namespace cxb::api
