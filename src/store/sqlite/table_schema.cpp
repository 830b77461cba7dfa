#include "src/store/sqlite/table_schema.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "src/store/sqlite/column_triggers.hpp"
#include "src/store/sqlite/document_writes.hpp"
#include "src/store/sqlite/sql_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

/// Is it a column that every table has?
bool is_own(std::string_view column) {
    return column == "id" || column == "doc" || column == fields_column;
}

void check(collection const& what) {
    for (auto const& field : what.fields)
        if (is_own(field.name))
            throw std::logic_error("a declared field cannot be named " + std::string(field.name));
}

result<std::vector<std::vector<std::string>>> rows_of(workplace& at, std::string sql,
                                                      std::vector<sql_value> values, int columns) {
    std::vector<std::vector<std::string>> rows;
    CXB_TRY(auto row, at.db.prepare(sql, values));
    for (;;) {
        CXB_TRY(bool const any, row.step());
        if (!any) return rows;
        auto& made = rows.emplace_back();
        for (int i = 0; i < columns; ++i)
            made.emplace_back(row.text(i));
    }
}

std::string list_of(collection const& what, index_decl const& index) {
    std::string list;
    for (auto const field : index.fields)
        list += (list.empty() ? "" : ",") + column_of(what, field);
    return list;
}

std::string name_of(collection const& what, index_decl const& index) {
    auto name = "cxb:" + std::string(what.name) + (index.unique ? ":unique:" : ":");
    for (auto const field : index.fields)
        name += std::string(field) + ',';
    if (!index.where_field.empty())
        name += ":" + std::string(index.where_field) + "=" + std::string(index.where_text);
    if (index.sparse) name += ":sparse";
    return name;
}

std::string create_text(collection const& what, index_decl const& index) {
    auto text = std::string(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                quoted(name_of(what, index)) + " ON " + quoted(what.name) + '(' +
                list_of(what, index) + ')';
    if (!index.where_field.empty())
        text += " WHERE " + column_of(what, index.where_field) + '=' + literal(index.where_text);
    else if (index.sparse)
        text += " WHERE " + column_of(what, index.fields.front()) + " IS NOT NULL";
    return text;
}

/// Our indexes: name to SQL.
using index_texts = std::map<std::string, std::string>;

result<index_texts> indexes_of(workplace& at, collection const& what) {
    CXB_TRY(auto const rows, rows_of(at,
                                     "SELECT name,sql FROM sqlite_master WHERE type='index' AND "
                                     "tbl_name=? AND substr(name,1,4)='cxb:'",
                                     {std::string(what.name)}, 2));
    index_texts found;
    for (auto const& row : rows)
        found.emplace(row[0], row[1]);
    return found;
}

result<void> drop_indexes(workplace& at, index_texts const& indexes) {
    for (auto const& [name, text] : indexes)
        CXB_CHECK(at.db.execute("DROP INDEX " + quoted(name)));
    return {};
}

result<void> ensure_indexes(workplace& at, collection const& what, bool alone) {
    CXB_TRY(auto surplus, indexes_of(at, what));
    std::vector<std::string> missing;
    for (auto const& index : what.indexes)
        if (surplus.erase(name_of(what, index)) == 0) missing.push_back(create_text(what, index));
    if (alone) CXB_CHECK(drop_indexes(at, surplus));
    for (auto const& text : missing)
        CXB_CHECK(at.db.execute(text));
    return {};
}

/// Also drops all our indexes and triggers, because those over the column stand in its way.
result<void> drop_column(workplace& at, collection const& what, std::string_view name) {
    CXB_TRY(auto const indexes, indexes_of(at, what));
    CXB_CHECK(drop_indexes(at, indexes));
    CXB_CHECK(drop_triggers(at.db, what.name));
    return at.db.execute("ALTER TABLE " + quoted(what.name) + " DROP COLUMN " + quoted(name));
}

result<void> add_column(workplace& at, collection const& what, field_decl const& field) {
    return at.db.execute("ALTER TABLE " + quoted(what.name) + " ADD COLUMN " + quoted(field.name) +
                         ' ' + std::string(column_type(field.type)));
}

/// Makes a column of another kind; indexes that are not of this declaration stay.
result<void> change_column(workplace& at, collection const& what, field_decl const& field) {
    CXB_TRY(auto others, indexes_of(at, what));
    for (auto const& index : what.indexes)
        others.erase(name_of(what, index));
    CXB_CHECK(drop_column(at, what, field.name));
    CXB_CHECK(add_column(at, what, field));
    for (auto const& [name, text] : others)
        CXB_CHECK(at.db.execute(text));
    return {};
}

/// Tables made by earlier versions do not have it.
result<void> ensure_fields_column(workplace& at, collection const& what) {
    CXB_TRY(auto const there, rows_of(at, "SELECT name FROM pragma_table_info(?) WHERE name=?",
                                      {std::string(what.name), std::string(fields_column)}, 1));
    if (!there.empty()) return {};
    return at.db.execute("ALTER TABLE " + quoted(what.name) + " ADD COLUMN " +
                         quoted(fields_column) + " INTEGER");
}

/// Columns that had to be made and hold nothing yet.
result<std::vector<field_decl>> ensure_columns(workplace& at, collection const& what, bool alone) {
    CXB_TRY(auto const found, columns_of(at.db, what.name));
    std::map<std::string, std::string, std::less<>> present;
    for (auto const& each : found)
        present.emplace(each.name, each.type);
    if (alone)
        for (auto const& [name, type] : present)
            if (what.find(name) == nullptr) CXB_CHECK(drop_column(at, what, name));
    std::vector<field_decl> made;
    for (auto const& field : what.fields) {
        auto const there = present.find(field.name);
        if (there != present.end() && there->second == column_type(field.type)) continue;
        CXB_CHECK(there == present.end() ? add_column(at, what, field)
                                         : change_column(at, what, field));
        made.push_back(field);
    }
    return made;
}

result<void> fill_columns(workplace& at, collection const& what,
                          std::vector<field_decl> const& fields) {
    if (fields.empty()) return {};
    sql_text set{"UPDATE " + quoted(what.name) + " SET ", {}};
    for (auto const& field : fields)
        set.text += quoted(field.name) + "=?,";
    set.text.back() = ' ';
    set.text += "WHERE _rowid_=?";
    auto const next = "SELECT _rowid_,\"doc\" FROM " + quoted(what.name) +
                      " WHERE _rowid_>? ORDER BY _rowid_ LIMIT 1";
    std::vector<sql_value> last{std::int64_t{0}};
    for (;;) {
        CXB_TRY(auto row, at.db.prepare(next, last));
        CXB_TRY(bool const any, row.step());
        if (!any) return {};
        auto const number = row.integer(0);
        CXB_TRY(auto const document, read_document(row.text(1)));
        set.values.clear();
        for (auto const& field : fields)
            set.values.push_back(stored_value(field.type, wire::find_path(document, field.name)));
        set.values.emplace_back(number);
        CXB_CHECK(at.db.execute(set.text, set.values));
        last = {number};
    }
}

}  // namespace

result<void> ensure_table(workplace& at, collection const& what, bool alone) {
    check(what);
    at.changes_schema = true;
    auto const table = quoted(what.name);
    CXB_CHECK(at.db.execute("CREATE TABLE IF NOT EXISTS " + table +
                            "(\"id\" TEXT NOT NULL UNIQUE,\"doc\" TEXT NOT NULL," +
                            quoted(fields_column) + " INTEGER)"));
    CXB_CHECK(ensure_fields_column(at, what));
    CXB_TRY(auto const fresh, ensure_columns(at, what, alone));
    CXB_CHECK(fill_columns(at, what, fresh));
    CXB_CHECK(ensure_indexes(at, what, alone));
    CXB_TRY(auto const columns, columns_of(at.db, what.name));
    return ensure_triggers(at.db, what.name, columns);
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
