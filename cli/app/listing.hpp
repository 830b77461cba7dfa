#pragma once
/// @file
/// Reading lists page by page.

#include "cli/app/context.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {

/// Up to `most` items, newest first as the route gives them, following the cursor.
[[nodiscard]] result<wire::json_array> fetch_items(command_context& context,
                                                   std::string const& path,
                                                   wire::query_list const& query, std::size_t most);

/// `--limit` of list commands: 1 to 10,000, 50 by default.
inline constexpr parameter limit_option{"--limit", "How many at most (default 50)"};
[[nodiscard]] result<std::size_t> read_limit(command_context const& context);

/// `{"items": [...]}`, so that every list prints one JSON object.
[[nodiscard]] wire::json_object list_document(wire::json_array items);

}  // namespace cxb::cli
