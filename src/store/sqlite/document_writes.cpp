#include "src/store/sqlite/document_writes.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "src/store/engine/new_document.hpp"
#include "src/store/sqlite/stored_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

// Deeper than any wire document, which stored documents wrap in members of their own.
constexpr std::size_t stored_depth = 256;

struct row {
    std::int64_t number;
    std::string text;
    json_object document;
};

result<std::optional<row>> first_row(workplace& at, sql_text const& select,
                                     boost::json::storage_ptr memory) {
    CXB_TRY(auto found, at.db.prepare(select.text, select.values));
    CXB_TRY(bool const any, found.step());
    if (!any) return std::nullopt;
    CXB_TRY(auto document, read_document(found.text(1), std::move(memory)));
    return row{found.integer(0), std::string(found.text(1)), std::move(document)};
}

/// Applies and stores the changes; true when they made a difference. Only columns whose values
/// changed are written, because each costs its indexes.
result<bool> change_row(workplace& at, collection const& in, row& found, update const& changes) {
    auto const old_columns = column_values(in, found.document);
    engine::apply_changes(found.document, changes);
    auto text = stored_text(found.document);
    if (text == found.text) return false;
    auto columns = column_values(in, found.document);
    sql_text statement{"UPDATE " + quoted(in.name) + " SET \"doc\"=?", {std::move(text)}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i] == old_columns[i]) continue;
        statement.text += ',' + quoted(in.fields[i].name) + "=?";
        statement.values.push_back(std::move(columns[i]));
    }
    statement.text += ",\"cxb_fields\"=" + std::to_string(fields_mark(in)) + " WHERE _rowid_=?";
    statement.values.emplace_back(found.number);
    CXB_CHECK(at.writes(in));
    CXB_CHECK(at.db.execute(statement.text, statement.values));
    at.touch(in);
    return true;
}

result<void> insert_change(workplace& at, prepared_change const& change, json_object* after) {
    auto made = engine::upserted_document(change.where, change.changes);
    CXB_CHECK(insert_row(at, prepare_row(*change.in, made)));
    if (after != nullptr) *after = std::move(made);
    return {};
}

result<void> run_write(workplace& at, prepared_write const& write, bool& matched) {
    switch (write.kind) {
        case write_kind::insert:
            return insert_row(at, write.row);
        case write_kind::update:
        case write_kind::upsert: {
            CXB_TRY(matched, change_first(at, write.change));
            return {};
        }
        case write_kind::remove: {
            CXB_TRY(auto const removed, remove_rows(at, *write.row.into, write.where, 1));
            matched = removed > 0;
            return {};
        }
    }
    return {};
}

}  // namespace

result<json_object> read_document(std::string_view text, boost::json::storage_ptr memory) {
    boost::json::parse_options options;
    options.max_depth = stored_depth;
    boost::system::error_code failed;
    auto value = boost::json::parse({text.data(), text.size()}, failed, std::move(memory), options);
    if (failed || !value.is_object())
        return error{errc::corrupt_data, "Stored data is damaged"}.with_note({failed.message()});
    return std::move(value.get_object());
}

std::size_t prepared_row::bytes() const {
    return std::get<std::string>(values[1]).size();
}

prepared_row prepare_row(collection const& into, json_object document) {
    engine::complete_id(document);
    prepared_row made{&into, {}};
    made.values.reserve(into.fields.size() + 2);
    made.values.emplace_back(engine::id_of(document));
    made.values.emplace_back(stored_text(document));
    for (auto& each : column_values(into, document))
        made.values.push_back(std::move(each));
    return made;
}

prepared_change prepare_change(collection const& in, filter where, update changes,
                               std::vector<sort_key> const& sort, bool upsert) {
    prepared_change made{&in,
                         {"SELECT _rowid_,\"doc\" FROM " + quoted(in.name) + " WHERE ", {}},
                         std::move(where),
                         std::move(changes),
                         upsert};
    made.select.append(where_text(in, made.where));
    made.select.text += order_text(in, sort) + " LIMIT 1";
    return made;
}

result<void> insert_row(workplace& at, prepared_row const& row) {
    CXB_CHECK(at.writes(*row.into));
    CXB_CHECK(at.db.execute(insert_text(*row.into), row.values));
    at.touch(*row.into);
    return {};
}

result<bool> change_first(workplace& at, prepared_change const& change, json_object* after) {
    boost::json::monotonic_resource arena;
    CXB_TRY(auto found, first_row(at, change.select, &arena));
    if (!found) {
        if (!change.upsert) return false;
        CXB_CHECK(insert_change(at, change, after));
        return true;
    }
    CXB_CHECK(change_row(at, *change.in, *found, change.changes));
    if (after != nullptr) *after = found->document;
    return true;
}

result<std::int64_t> change_all(workplace& at, collection const& in, sql_text const& where,
                                update const& changes) {
    std::vector<std::int64_t> numbers;
    auto const from = " FROM " + quoted(in.name) + " WHERE ";
    {
        CXB_TRY(auto found, at.db.prepare("SELECT _rowid_" + from + where.text, where.values));
        for (;;) {
            CXB_TRY(bool const any, found.step());
            if (!any) break;
            numbers.push_back(found.integer(0));
        }
    }
    std::int64_t changed = 0;
    sql_text select{"SELECT _rowid_,\"doc\"" + from + "_rowid_=?", {}};
    for (auto const number : numbers) {
        boost::json::monotonic_resource arena;
        select.values = {number};
        CXB_TRY(auto found, first_row(at, select, &arena));
        if (!found) continue;
        CXB_TRY(bool const differs, change_row(at, in, *found, changes));
        if (differs) ++changed;
    }
    return changed;
}

result<std::int64_t> remove_rows(workplace& at, collection const& from, sql_text const& where,
                                 std::size_t limit) {
    auto const table = quoted(from.name);
    auto values = where.values;
    auto text = "DELETE FROM " + table + " WHERE ";
    if (limit == 0) {
        text += where.text;
    } else {
        text += "_rowid_ IN (SELECT _rowid_ FROM " + table + " WHERE " + where.text + " LIMIT ?)";
        values.emplace_back(static_cast<std::int64_t>(limit));
    }
    CXB_CHECK(at.db.execute(text, values));
    auto const removed = at.db.changes();
    if (removed > 0) at.touch(from);
    return removed;
}

prepared_batch prepare_batch(batch writes) {
    prepared_batch made;
    made.writes.reserve(writes.writes().size());
    for (auto& each : writes.writes()) {
        prepared_write write{each.kind, {each.into, {}}, {},
                             {},        each.must_match, std::move(each.label)};
        if (each.kind == write_kind::insert) {
            write.row = prepare_row(*each.into, std::move(each.document));
            made.bytes += write.row.bytes();
        } else if (each.kind == write_kind::remove) {
            write.where = where_text(*each.into, each.where);
        } else {
            made.bytes += engine::size_of(each.changes);
            write.change =
                prepare_change(*each.into, std::move(each.where), std::move(each.changes), {},
                               each.kind == write_kind::upsert);
        }
        made.writes.push_back(std::move(write));
    }
    return made;
}

result<commit_outcome> run_batch(workplace& at, prepared_batch const& writes) {
    for (std::size_t i = 0; i < writes.writes.size(); ++i) {
        auto const& each = writes.writes[i];
        bool matched = true;
        auto const done = run_write(at, each, matched);
        bool const taken = !done && done.error().code() == errc::conflict;
        if (!done && !taken) return done.error();
        if (taken || (!matched && each.must_match)) {
            at.undo = true;
            return commit_outcome{false, i, each.label, taken};
        }
    }
    return commit_outcome{true, 0, {}, false};
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
