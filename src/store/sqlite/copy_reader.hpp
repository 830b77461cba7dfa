#pragma once
/// @file
/// Looks into a copy that `backup_sqlite` made, without leaving anything beside it. Not for a
/// database that somebody uses: what its log holds is not seen.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace store {

/// Ids of the documents of a collection that begin so, in order; none when there is no such
/// collection. Errors: `unavailable`, `corrupt_data`.
[[nodiscard]] result<std::vector<std::string>> ids_in_copy(std::string const& path,
                                                           std::string_view collection,
                                                           std::string_view prefix);

/// The first `length` bytes of all texts, anywhere in any document, that begin with `prefix`: each
/// once, in order. Reads the whole copy. Errors: `unavailable`, `corrupt_data`.
[[nodiscard]] result<std::vector<std::string>> text_heads_in_copy(std::string const& path,
                                                                  std::string_view prefix,
                                                                  std::size_t length);

}  // namespace store
}  // namespace cxb::inline v1
