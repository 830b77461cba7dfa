#pragma once
/// @file
/// Makes the table and indexes of a collection what its declaration says.

#include "src/store/sqlite/operation.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// Creates what is missing and fills columns that are new or changed their kind from the documents.
/// `alone`: no other process uses the file; only then columns and indexes that are not declared are
/// dropped, for they may be those of a newer process.
///
/// Errors: `conflict` when stored documents break a new unique key. Throws `std::logic_error` for
/// a declaration that cannot be (a field named `id`, `doc` or
/// `cxb_fields`, an index over an undeclared field).
[[nodiscard]] result<void> ensure_table(workplace& at, collection const& what, bool alone);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
