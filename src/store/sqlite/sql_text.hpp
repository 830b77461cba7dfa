#pragma once
/// @file
/// Filters, orders and documents as SQL text and values. All functions are pure; a field that the
/// collection does not declare throws `std::logic_error`.
///
/// A collection is the table of its name with the columns `id`, `doc`, `cxb_fields` and one per
/// declared field.

#include <string>
#include <vector>

#include "cxb/store/collection.hpp"
#include "cxb/store/query.hpp"
#include "src/store/sqlite/connection.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

struct sql_text {
    std::string text;
    std::vector<sql_value> values;

    /// Both texts one after the other, values likewise.
    void append(sql_text other);
};

/// Quoted column of a declared field or of `_id`.
[[nodiscard]] std::string column_of(collection const& of, std::string_view field);

/// A condition that may stand behind WHERE; `1` for the empty filter.
[[nodiscard]] sql_text where_text(collection const& of, filter const& wanted);

/// ` ORDER BY ...`, or "" without keys.
[[nodiscard]] std::string order_text(collection const& of, std::vector<sort_key> const& sort);

/// Rows behind a cursor, as conditions whose rows follow one another: rows of the second come
/// after all rows of the first. Two are needed when the first key may be NULL.
[[nodiscard]] std::vector<sql_text> after_texts(collection const& of,
                                                std::vector<sort_key> const& order,
                                                std::vector<json_value> const& position);

/// What a column holds for a document: NULL unless the member has the declared kind.
[[nodiscard]] sql_value column_value(field_type type, json_value const* found);
/// The same for a document that is stored: a text in another form than ours is no timestamp.
[[nodiscard]] sql_value stored_value(field_type type, json_value const* found);
/// One value per declared field.
[[nodiscard]] std::vector<sql_value> column_values(collection const& of,
                                                   json_object const& document);
/// The JSON value a column stands for.
[[nodiscard]] json_value value_of(field_type type, sql_value const& stored);

/// The column's type in SQL.
[[nodiscard]] std::string_view column_type(field_type type);

/// A number for a set of columns, whatever their order; the sum over `column_mark`. Each row keeps
/// that of the declaration it was written by, in the column `fields_column`.
inline constexpr std::string_view fields_column = "cxb_fields";
[[nodiscard]] std::int64_t fields_mark(collection const& of);
[[nodiscard]] std::uint64_t column_mark(std::string_view name, std::string_view type);

/// `INSERT` with values for id, doc and all columns.
[[nodiscard]] std::string const& insert_text(collection const& into);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
