#pragma once
/// @file
/// Makes the table and indexes of a collection what its declaration says.

#include "src/store/sqlite/operation.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// Creates what is missing, fills columns that are new or changed their kind from the documents,
/// and drops indexes no longer declared. Errors: `conflict` when stored documents break a new
/// unique key. Throws `std::logic_error` for a declaration that cannot be (a field named `id` or
/// `doc`, an index over an undeclared field).
[[nodiscard]] result<void> ensure_table(workplace& at, collection const& what);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
