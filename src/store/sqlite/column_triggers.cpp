#include "src/store/sqlite/column_triggers.hpp"

#include <array>

#include "src/store/sqlite/sql_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

struct event_row {
    std::string_view name;
    std::string_view text;
};
constexpr std::array events{event_row{"insert", "AFTER INSERT"},
                            event_row{"update", "AFTER UPDATE OF \"doc\""}};

std::string trigger_name(std::string_view table, event_row const& event) {
    return "cxb:" + std::string(table) + ':' + std::string(event.name);
}

/// `owner.id` -> `$."owner"."id"`
std::string json_path(std::string_view field) {
    std::string path = "$";
    for (std::size_t start = 0; start <= field.size();) {
        auto const dot = std::min(field.find('.', start), field.size());
        path += ".\"" + std::string(field.substr(start, dot - start)) + '"';
        start = dot + 1;
    }
    return path;
}

/// The same rule as `stored_value`, in SQL.
std::string value_text(table_column const& column) {
    auto const path = literal(json_path(column.name));
    auto const kind = "CASE json_type(NEW.\"doc\"," + path + ") ";
    auto const value = "json_extract(NEW.\"doc\"," + path + ')';
    if (column.type == column_type(field_type::boolean))
        return kind + "WHEN 'true' THEN 1 WHEN 'false' THEN 0 END";
    if (column.type == column_type(field_type::integer) ||
        column.type == column_type(field_type::real))
        return kind + "WHEN 'integer' THEN " + value + " WHEN 'real' THEN " + value + " END";
    if (column.type == column_type(field_type::timestamp))
        return kind + "WHEN 'text' THEN CASE WHEN strftime('%Y-%m-%dT%H:%M:%fZ'," + value +
               ",'+0 days')=" + value + " THEN " + value + " END END";
    return kind + "WHEN 'text' THEN " + value + " END";
}

std::string trigger_text(std::string_view table, event_row const& event,
                         std::vector<table_column> const& columns) {
    auto const mark = std::to_string(mark_of(columns));
    auto const fields = quoted(fields_column);
    auto text = "CREATE TRIGGER " + quoted(trigger_name(table, event)) + ' ' +
                std::string(event.text) + " ON " + quoted(table) + " WHEN NEW." + fields +
                " IS NOT " + mark + " AND json_valid(NEW.\"doc\") BEGIN UPDATE " + quoted(table) +
                " SET ";
    for (auto const& each : columns)
        text += quoted(each.name) + '=' + value_text(each) + ',';
    return text + fields + '=' + mark + " WHERE _rowid_=NEW._rowid_; END";
}

/// Text of a trigger that is there, "" without.
result<std::string> present_text(connection& db, std::string const& name) {
    std::array<sql_value, 1> const values{name};
    CXB_TRY(auto row,
            db.prepare("SELECT sql FROM sqlite_master WHERE type='trigger' AND name=?", values));
    CXB_TRY(bool const any, row.step());
    return any ? std::string(row.text(0)) : std::string();
}

}  // namespace

result<std::vector<table_column>> columns_of(connection& db, std::string_view table) {
    std::array<sql_value, 4> const values{std::string(table), "id", "doc",
                                          std::string(fields_column)};
    CXB_TRY(auto row, db.prepare("SELECT name,type FROM pragma_table_info(?) "
                                 "WHERE name NOT IN(?,?,?)",
                                 values));
    std::vector<table_column> found;
    for (;;) {
        CXB_TRY(bool const any, row.step());
        if (!any) return found;
        found.push_back({std::string(row.text(0)), std::string(row.text(1))});
    }
}

std::int64_t mark_of(std::vector<table_column> const& columns) {
    std::uint64_t sum = 0;
    for (auto const& each : columns)
        sum += column_mark(each.name, each.type);
    return static_cast<std::int64_t>(sum);
}

result<bool> any_foreign_trigger(connection& db) {
    CXB_TRY(auto row, db.prepare("SELECT 1 FROM sqlite_master WHERE type='trigger' "
                                 "AND substr(name,1,4)<>'cxb:' LIMIT 1"));
    return row.step();
}

result<void> drop_triggers(connection& db, std::string_view table) {
    for (auto const& event : events)
        CXB_CHECK(db.execute("DROP TRIGGER IF EXISTS " + quoted(trigger_name(table, event))));
    return {};
}

result<void> ensure_triggers(connection& db, std::string_view table,
                             std::vector<table_column> const& columns) {
    for (auto const& event : events) {
        auto const name = trigger_name(table, event);
        auto const wanted = columns.empty() ? std::string() : trigger_text(table, event, columns);
        CXB_TRY(auto const present, present_text(db, name));
        if (present == wanted) continue;
        if (!present.empty()) CXB_CHECK(db.execute("DROP TRIGGER " + quoted(name)));
        if (!wanted.empty()) CXB_CHECK(db.execute(wanted));
    }
    return {};
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
