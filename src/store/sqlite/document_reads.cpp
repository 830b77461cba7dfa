#include "src/store/sqlite/document_reads.hpp"

#include "src/store/find_cursor.hpp"
#include "src/store/sqlite/document_part.hpp"
#include "src/store/sqlite/document_writes.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

field_type type_of(collection const& of, std::string_view field) {
    auto const* declared = of.find(field);
    return declared == nullptr ? field_type::text : declared->type;
}

std::string cursor_at(prepared_find const& wanted, statement const& row) {
    std::vector<json_value> values;
    values.reserve(wanted.order.size());
    int column = 0;
    for (auto const& key : wanted.order)
        values.push_back(value_of(type_of(*wanted.from, key.field), row.value(++column)));
    return write_cursor(wanted.order, values);
}

/// Adds the rows of one select; true when the page is full and there are more.
result<bool> add_rows(workplace& at, prepared_find const& wanted, sql_text select, page& to) {
    auto const limit = static_cast<std::int64_t>(wanted.limit);
    auto const room = limit == 0 ? -1 : limit + 1 - static_cast<std::int64_t>(to.items.size());
    select.append({" LIMIT ? OFFSET ?", {room, static_cast<std::int64_t>(wanted.skip)}});
    CXB_TRY(auto row, at.db.prepare(select.text, select.values));
    for (;;) {
        CXB_TRY(bool const any, row.step());
        if (!any) return false;
        if (wanted.limit != 0 && to.items.size() == wanted.limit) return true;
        auto const text = row.text(0);
        CXB_TRY(auto document,
                wanted.only.empty() ? read_document(text) : read_part(text, wanted.only));
        to.items.push_back(std::move(document));
        if (to.items.size() == wanted.limit) to.next = cursor_at(wanted, row);
    }
}

result<page> add_all_rows(workplace& at, prepared_find const& wanted) {
    page made;
    bool more = false;
    for (auto const& select : wanted.selects) {
        CXB_TRY(more, add_rows(at, wanted, select, made));
        if (more) break;
    }
    if (!more) made.next.clear();
    return made;
}

}  // namespace

result<prepared_find> prepare_find(collection const& from, filter const& where,
                                   find_options options) {
    prepared_find made{&from,        complete_order(std::move(options.sort)),
                       {},           options.limit,
                       options.skip, std::move(options.only)};
    sql_text select{"SELECT \"doc\"", {}};
    for (auto const& key : made.order)
        select.text += ',' + column_of(from, key.field);
    select.text += " FROM " + quoted(from.name) + " WHERE ";
    select.append(where_text(from, where));
    auto const order = order_text(from, made.order);
    if (options.after.empty()) {
        select.text += order;
        made.selects.push_back(std::move(select));
        return made;
    }
    CXB_TRY(auto const position, read_cursor(made.order, options.after));
    made.skip = 0;
    for (auto& behind : after_texts(from, made.order, position)) {
        auto part = select;
        part.text += " AND ";
        part.append(std::move(behind));
        part.text += order;
        made.selects.push_back(std::move(part));
    }
    return made;
}

result<page> run_find(workplace& at, prepared_find const& wanted) {
    if (wanted.selects.size() == 1) return add_all_rows(at, wanted);
    // Both selects must see one snapshot, or a row could slip from one into the other.
    CXB_CHECK(at.db.execute("BEGIN"));
    auto made = add_all_rows(at, wanted);
    CXB_CHECK(at.db.execute("COMMIT"));
    return made;
}

sql_text prepare_find_one(collection const& from, filter const& where,
                          std::vector<sort_key> const& sort) {
    sql_text select{"SELECT \"doc\" FROM " + quoted(from.name) + " WHERE ", {}};
    select.append(where_text(from, where));
    select.text += order_text(from, sort) + " LIMIT 1";
    return select;
}

result<std::optional<json_object>> run_find_one(workplace& at, sql_text const& select) {
    CXB_TRY(auto row, at.db.prepare(select.text, select.values));
    CXB_TRY(bool const any, row.step());
    if (!any) return std::nullopt;
    CXB_TRY(auto document, read_document(row.text(0)));
    return document;
}

sql_text prepare_count(collection const& in, filter const& where, std::int64_t cap) {
    auto const from = " FROM " + quoted(in.name) + " WHERE ";
    if (cap <= 0) {
        sql_text select{"SELECT COUNT(*)" + from, {}};
        select.append(where_text(in, where));
        return select;
    }
    sql_text select{"SELECT COUNT(*) FROM (SELECT 1" + from, {}};
    select.append(where_text(in, where));
    select.append({" LIMIT ?)", {cap}});
    return select;
}

result<std::int64_t> run_count(workplace& at, sql_text const& select) {
    CXB_TRY(auto row, at.db.prepare(select.text, select.values));
    CXB_TRY(bool const any, row.step());
    return any ? row.integer(0) : 0;
}

prepared_group prepare_group(collection const& in, filter const& where,
                             std::vector<std::string> const& by,
                             std::vector<std::string> const& sum_fields) {
    prepared_group made{{}, {}, sum_fields.size()};
    std::string keys;
    for (auto const& field : by) {
        if (!keys.empty()) keys += ',';
        keys += column_of(in, field);
        made.keys.push_back(type_of(in, field));
    }
    made.select.text = "SELECT " + keys + (keys.empty() ? "COUNT(*)" : ",COUNT(*)");
    for (auto const& field : sum_fields)
        made.select.text += ",TOTAL(" + column_of(in, field) + ')';
    made.select.text += " FROM " + quoted(in.name) + " WHERE ";
    made.select.append(where_text(in, where));
    if (keys.empty())
        made.select.text += " HAVING COUNT(*)>0";
    else
        made.select.text += " GROUP BY " + keys + " ORDER BY " + keys;
    return made;
}

result<std::vector<group_row>> run_group(workplace& at, prepared_group const& wanted) {
    std::vector<group_row> rows;
    CXB_TRY(auto row, at.db.prepare(wanted.select.text, wanted.select.values));
    for (;;) {
        CXB_TRY(bool const any, row.step());
        if (!any) return rows;
        auto& made = rows.emplace_back();
        int column = 0;
        for (auto const type : wanted.keys)
            made.keys.push_back(value_of(type, row.value(column++)));
        made.count = row.integer(column++);
        for (std::size_t i = 0; i < wanted.sums; ++i)
            made.sums.push_back(row.real(column++));
    }
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
