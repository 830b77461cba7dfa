#pragma once
// enable, disable and refresh of a bot's caches.

#include "cli/app/context.hpp"

namespace cxb::cli {

inline constexpr parameter cache_parameters[] = {
    {"ACTION", "enable, disable or refresh", parameter_kind::argument, true},
    {"BOT", "Id of the bot", parameter_kind::argument, true}};

// `path` between the bot and the action. Errors: usage for another action.
[[nodiscard]] result<wire::json_object> act_on_cache(command_context& context,
                                                     std::string_view path);

}  // namespace cxb::cli
