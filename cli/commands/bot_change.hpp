#pragma once
// What the commands that change a bot's members have in common.

#include "cli/app/context.hpp"

namespace cxb::cli {

inline constexpr parameter changed_bot{"BOT", "Id of the bot", parameter_kind::argument, true};
inline constexpr parameter only_if_version{"--if-version", "Change only this version of the bot"};

/// Sends the members, prints the bot as it is now.
[[nodiscard]] result<exit_code> change_bot(command_context& context,
                                           wire::json_object const& members);

}  // namespace cxb::cli
