#include "src/store/sqlite/table_schema.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "src/store/sqlite/document_writes.hpp"
#include "src/store/sqlite/sql_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

std::string_view column_type(field_type type) {
    switch (type) {
        case field_type::text:
            return "TEXT";
        case field_type::integer:
            return "INTEGER";
        case field_type::real:
            return "REAL";
        case field_type::boolean:
            return "BOOLEAN";
        case field_type::timestamp:
            return "TIMESTAMP TEXT";
    }
    return "TEXT";
}

void check(collection const& what) {
    for (auto const& field : what.fields)
        if (field.name == "id" || field.name == "doc")
            throw std::logic_error("a declared field cannot be named " + std::string(field.name));
}

result<std::vector<std::vector<std::string>>> rows_of(workplace& at, std::string sql,
                                                      std::vector<sql_value> values, int columns) {
    std::vector<std::vector<std::string>> rows;
    CXB_TRY(auto row, at.db.prepare(std::move(sql), values));
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
    return name;
}

std::string create_text(collection const& what, index_decl const& index) {
    auto text = std::string(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                quoted(name_of(what, index)) + " ON " + quoted(what.name) + '(' +
                list_of(what, index) + ')';
    if (!index.where_field.empty())
        text += " WHERE " + column_of(what, index.where_field) + '=' + literal(index.where_text);
    return text;
}

result<std::set<std::string>> indexes_of(workplace& at, collection const& what) {
    CXB_TRY(auto const rows, rows_of(at,
                                     "SELECT name FROM sqlite_master WHERE type='index' AND "
                                     "tbl_name=? AND substr(name,1,4)='cxb:'",
                                     {std::string(what.name)}, 1));
    std::set<std::string> names;
    for (auto const& row : rows)
        names.insert(row[0]);
    return names;
}

result<void> drop_indexes(workplace& at, std::set<std::string> const& names) {
    for (auto const& name : names)
        CXB_CHECK(at.db.execute("DROP INDEX " + quoted(name)));
    return {};
}

result<void> ensure_indexes(workplace& at, collection const& what) {
    CXB_TRY(auto surplus, indexes_of(at, what));
    std::vector<std::string> missing;
    for (auto const& index : what.indexes)
        if (surplus.erase(name_of(what, index)) == 0) missing.push_back(create_text(what, index));
    CXB_CHECK(drop_indexes(at, surplus));
    for (auto const& text : missing)
        CXB_CHECK(at.db.execute(text));
    return {};
}

result<void> drop_column(workplace& at, collection const& what, std::string_view name) {
    // Indexes over the column stand in its way; ensure_indexes makes them again.
    CXB_TRY(auto const names, indexes_of(at, what));
    CXB_CHECK(drop_indexes(at, names));
    return at.db.execute("ALTER TABLE " + quoted(what.name) + " DROP COLUMN " + quoted(name));
}

/// Columns that had to be made and hold nothing yet.
result<std::vector<field_decl>> ensure_columns(workplace& at, collection const& what) {
    CXB_TRY(auto const rows,
            rows_of(at, "SELECT name,type FROM pragma_table_info(?)", {std::string(what.name)}, 2));
    std::map<std::string, std::string, std::less<>> present;
    for (auto const& row : rows)
        present.emplace(row[0], row[1]);
    // An undeclared column would go stale unseen and be wrong when declared again.
    for (auto const& [name, type] : present)
        if (name != "id" && name != "doc" && what.find(name) == nullptr)
            CXB_CHECK(drop_column(at, what, name));
    std::vector<field_decl> made;
    for (auto const& field : what.fields) {
        auto const type = column_type(field.type);
        auto const found = present.find(field.name);
        if (found != present.end() && found->second == type) continue;
        if (found != present.end()) CXB_CHECK(drop_column(at, what, field.name));
        CXB_CHECK(at.db.execute("ALTER TABLE " + quoted(what.name) + " ADD COLUMN " +
                                quoted(field.name) + ' ' + std::string(type)));
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
            set.values.push_back(column_value(field.type, wire::find_path(document, field.name)));
        set.values.emplace_back(number);
        CXB_CHECK(at.db.execute(set.text, set.values));
        last = {number};
    }
}

}  // namespace

result<void> ensure_table(workplace& at, collection const& what) {
    check(what);
    auto const table = quoted(what.name);
    CXB_CHECK(at.db.execute("CREATE TABLE IF NOT EXISTS " + table +
                            "(\"id\" TEXT NOT NULL UNIQUE,\"doc\" TEXT NOT NULL)"));
    CXB_TRY(auto const fresh, ensure_columns(at, what));
    CXB_CHECK(fill_columns(at, what, fresh));
    return ensure_indexes(at, what);
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
