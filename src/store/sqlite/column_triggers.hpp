#pragma once
/// @file
/// Keeps columns right that the writing process does not know of.
///
/// During an upgrade an older process goes on writing documents after a newer one has added
/// columns. It would leave them as they are, and the newer one would not find what it wrote. So
/// each table has two triggers that take all columns from the document again, whenever a row is
/// written by a process that has not declared exactly the columns of the table (`fields_mark`). For
/// all others they would never do anything, and `trigger_switch` leaves them out.

#include <cstdint>
#include <string>
#include <vector>

#include "src/store/sqlite/connection.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

struct table_column {
    std::string name;
    std::string type;  ///< as in SQL
};

/// The declared columns of a table, without those that every table has.
[[nodiscard]] result<std::vector<table_column>> columns_of(connection& db, std::string_view table);
/// What `fields_mark` gives for a collection with these columns.
[[nodiscard]] std::int64_t mark_of(std::vector<table_column> const& columns);
/// Has somebody else made triggers in this file?
[[nodiscard]] result<bool> any_foreign_trigger(connection& db);

/// Drops the triggers of a table, for example because a column they name has to go.
[[nodiscard]] result<void> drop_triggers(connection& db, std::string_view table);
/// Makes the triggers for the columns a table has.
[[nodiscard]] result<void> ensure_triggers(connection& db, std::string_view table,
                                           std::vector<table_column> const& columns);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
