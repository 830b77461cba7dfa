#pragma once
/// @file
/// Cursors of `find`: where a page ended, as opaque base64url text. Shared by the engines.

#include <string>
#include <vector>

#include "cxb/store/query.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// The sort order with `_id` as last key, in the direction of the key before it; keys behind an
/// explicit `_id` cannot matter and are dropped.
[[nodiscard]] std::vector<sort_key> complete_order(std::vector<sort_key> sort);

/// One value per key of the complete order, `_id` last; null where the field was absent.
[[nodiscard]] std::string write_cursor(std::vector<sort_key> const& order,
                                       std::vector<json_value> const& values);

/// Errors: `invalid` at `/cursor` when the text is no cursor or belongs to another order.
[[nodiscard]] result<std::vector<json_value>> read_cursor(std::vector<sort_key> const& order,
                                                          std::string const& text);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
