#pragma once
/// @file
/// Names of the changes of stored documents that this version makes at its start (spec 20 §1), in
/// their order. A store that has others was used by a newer version.

#include <array>
#include <string_view>

namespace cxb::server::model {

/// What the rows of done migrations in `system_runtime` begin with.
inline constexpr std::string_view migration_prefix = "migration:";

inline constexpr std::array<std::string_view, 2> migration_names{"users_name_lower",
                                                                 "audit_rows_sealed"};

}  // namespace cxb::server::model
