#pragma once
/// @file
/// Reading documents on a workplace. As for writes, the SQL is made beforehand by `prepare_*`.

#include <optional>

#include "cxb/store/document_store.hpp"
#include "src/store/sqlite/operation.hpp"
#include "src/store/sqlite/sql_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// A page as a row of selects that follow one another.
struct prepared_find {
    collection const* from;
    std::vector<sort_key> order;
    std::vector<sql_text> selects;  ///< without LIMIT; columns: document, one per key
    std::size_t limit;              ///< 0 = all
    std::size_t skip;
    std::vector<std::string> only;
};

/// Errors: `invalid` at `/cursor`.
[[nodiscard]] result<prepared_find> prepare_find(collection const& from, filter const& where,
                                                 find_options options);
[[nodiscard]] result<page> run_find(workplace& at, prepared_find const& wanted);

[[nodiscard]] sql_text prepare_find_one(collection const& from, filter const& where,
                                        std::vector<sort_key> const& sort);
[[nodiscard]] result<std::optional<json_object>> run_find_one(workplace& at,
                                                              sql_text const& select);

[[nodiscard]] sql_text prepare_count(collection const& in, filter const& where, std::int64_t cap);
[[nodiscard]] result<std::int64_t> run_count(workplace& at, sql_text const& select);

struct prepared_group {
    sql_text select;               ///< columns: keys, count, sums
    std::vector<field_type> keys;  ///< kinds of the grouping fields
    std::size_t sums;
};
[[nodiscard]] prepared_group prepare_group(collection const& in, filter const& where,
                                           std::vector<std::string> const& by,
                                           std::vector<std::string> const& sum_fields);
[[nodiscard]] result<std::vector<group_row>> run_group(workplace& at, prepared_group const& wanted);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
