#pragma once
// What the analytics commands share: the range and whose calls.

#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {

inline constexpr parameter analytics_from{"--from", "Calls created at or after, RFC 3339"};
inline constexpr parameter analytics_to{"--to", "Calls created before, RFC 3339 (default now)"};
inline constexpr parameter analytics_bot{"--bot", "Calls of one bot"};
inline constexpr parameter analytics_campaign{"--campaign", "Calls of one campaign"};
inline constexpr parameter analytics_zone{"--tz", "Time zone of days, e.g. Asia/Kolkata"};

/// Asks `/api/v1/analytics/{what}` with the options that were given; `more` are further options
/// and the query members they become.
[[nodiscard]] result<wire::json_value> ask_analytics(
    command_context& context, std::string_view what,
    std::initializer_list<std::pair<std::string_view, char const*>> more = {});

/// The rows of a list answer.
[[nodiscard]] wire::json_array analytics_rows(wire::json_value const& answer);

}  // namespace cxb::cli
