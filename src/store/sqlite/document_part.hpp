#pragma once
/// @file
/// Some members of a stored document, without reading the rest of it.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// `_id` and those of `only` that the document has, as in the document. What is left out is only
/// looked at for where it ends, so damage in it may go unseen. Errors: `corrupt_data`.
[[nodiscard]] result<wire::json_object> read_part(std::string_view text,
                                                  std::vector<std::string> const& only);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
