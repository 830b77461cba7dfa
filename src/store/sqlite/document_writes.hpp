#pragma once
/// @file
/// Changes of documents within the transaction of a workplace. The SQL of filters is made
/// beforehand (`prepared_*`), on the thread of the caller, where programming errors belong.

#include <optional>

#include "cxb/store/document_store.hpp"
#include "src/store/sqlite/operation.hpp"
#include "src/store/sqlite/sql_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// A document ready to be inserted: id, text, columns.
struct prepared_row {
    collection const* into;
    std::vector<sql_value> values;
    [[nodiscard]] std::size_t bytes() const;
};

/// Makes an `_id` when there is none. Throws `std::logic_error` when it is no text.
[[nodiscard]] prepared_row prepare_row(collection const& into, json_object document);

/// A change of the first match.
struct prepared_change {
    collection const* in;
    sql_text select;  ///< row number and document of the first match
    filter where;     ///< for the document an upsert makes
    update changes;
    bool upsert = false;
};

[[nodiscard]] prepared_change prepare_change(collection const& in, filter where, update changes,
                                             std::vector<sort_key> const& sort, bool upsert);

[[nodiscard]] result<void> insert_row(workplace& at, prepared_row const& row);
/// False when nothing matched. `after`, when given, receives the document after the change.
[[nodiscard]] result<bool> change_first(workplace& at, prepared_change const& change,
                                        json_object* after = nullptr);
[[nodiscard]] result<std::int64_t> change_all(workplace& at, collection const& in,
                                              sql_text const& where, update const& changes);
[[nodiscard]] result<std::int64_t> remove_rows(workplace& at, collection const& from,
                                               sql_text const& where, std::size_t limit);

/// A batch with its SQL made.
struct prepared_write {
    write_kind kind;
    prepared_row row;        ///< insert
    prepared_change change;  ///< update, upsert
    sql_text where;          ///< remove
    bool must_match;
    std::string label;
};
struct prepared_batch {
    std::vector<prepared_write> writes;
    std::size_t bytes = 0;
};

[[nodiscard]] prepared_batch prepare_batch(batch writes);
/// Sets `undo` when a condition is unmet.
[[nodiscard]] result<commit_outcome> run_batch(workplace& at, prepared_batch const& writes);

/// Reads a stored document into the given memory. Errors: `corrupt_data`.
[[nodiscard]] result<json_object> read_document(std::string_view text,
                                                boost::json::storage_ptr memory = {});

}  // namespace store::sqlite
}  // namespace cxb::inline v1
