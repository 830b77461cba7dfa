#pragma once
/// @file
/// Versions as entity tags: `If-Match` guards a change, `If-None-Match` saves a body.

#include <cstdint>
#include <string>
#include <string_view>

#include "cxb/wire/http_message.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::server {

/// `"7"` with the quotes.
[[nodiscard]] std::string version_etag(std::int64_t version);

/// Success without `If-Match`, with `*`, or when one listed tag equals `current`; else
/// `precondition_failed`. Weak tags never match (RFC 9110 §13.1.1).
[[nodiscard]] result<void> check_if_match(request_context const& context, std::string_view current);

/// Does `If-None-Match` name `current` (weak comparison)?
[[nodiscard]] bool client_has(request_context const& context, std::string_view current);

/// 304 with the tag.
[[nodiscard]] wire::http_response not_modified(std::string_view current);

}  // namespace cxb::server
