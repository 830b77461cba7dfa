#pragma once
// What commands about calls share: filters, columns, patience.

#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {

inline constexpr parameter bot_filter{"--bot", "Calls of one bot"};
inline constexpr parameter status_filter{"--status", "active, completed, failed or voicemail"};
inline constexpr parameter phone_filter{"--phone", "Far side, E.164"};
inline constexpr parameter from_filter{"--from", "Created at or after, RFC 3339"};
inline constexpr parameter to_filter{"--to", "Created before, RFC 3339"};

[[nodiscard]] wire::query_list call_filters(arguments const& args);
[[nodiscard]] std::vector<column> call_columns();

/// The API rings up to three hosts in this time.
inline constexpr std::chrono::milliseconds longest_dialout{75000};

}  // namespace cxb::cli
