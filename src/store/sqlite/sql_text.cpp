#include "src/store/sqlite/sql_text.hpp"

#include <cmath>
#include <stdexcept>
#include <unordered_map>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

constexpr double int64_edge = 9223372036854775808.0;  // 2^63

sql_value number_value(json_value const& found) {
    if (auto const* whole = found.if_int64()) return *whole;
    if (auto const* large = found.if_uint64()) {
        if (*large < static_cast<std::uint64_t>(int64_edge))
            return static_cast<std::int64_t>(*large);
        return static_cast<double>(*large);
    }
    double const number = found.get_double();
    if (std::trunc(number) == number && number >= -int64_edge && number < int64_edge)
        return static_cast<std::int64_t>(number);
    return number;
}

field_type type_of(collection const& of, std::string_view field) {
    if (field == id_field) return field_type::text;
    auto const* declared = of.find(field);
    if (declared == nullptr)
        throw std::logic_error("collection " + std::string(of.name) + " does not declare " +
                               std::string(field));
    return declared->type;
}

/// Partial indexes serve a query only when their condition stands in it as a literal.
bool guards_an_index(collection const& of, condition const& wanted) {
    if (!wanted.value.is_string()) return false;
    for (auto const& index : of.indexes)
        if (index.where_field == wanted.field && wanted.value.get_string() == index.where_text)
            return true;
    return false;
}

sql_text nothing() {
    return {"0", {}};
}

sql_text in_text(std::string const& column, field_type type, json_value const& list) {
    sql_text made;
    bool with_null = false;
    if (auto const* values = list.if_array())
        for (auto const& each : *values) {
            with_null = with_null || each.is_null();
            auto value = column_value(type, &each);
            if (!std::holds_alternative<std::monostate>(value))
                made.values.push_back(std::move(value));
        }
    // Few different lengths keep the number of prepared statements small.
    while (!made.values.empty() && (made.values.size() & (made.values.size() - 1)) != 0)
        made.values.push_back(made.values.back());
    if (!made.values.empty()) {
        made.text = column + " IN (?";
        for (std::size_t i = 1; i < made.values.size(); ++i)
            made.text += ",?";
        made.text += ')';
    }
    if (with_null) {
        auto const is_null = column + " IS NULL";
        made.text = made.text.empty() ? is_null : '(' + made.text + " OR " + is_null + ')';
    }
    return made.text.empty() ? nothing() : made;
}

/// The smallest text greater than all texts with this prefix; "" when there is none.
std::string end_of_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF)
        prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
    return prefix;
}

sql_text prefix_text(std::string const& column, sql_value const& value) {
    auto const* prefix = std::get_if<std::string>(&value);
    if (prefix == nullptr) return nothing();
    auto end = end_of_prefix(*prefix);
    if (end.empty()) return {column + ">=?", {*prefix}};
    return {'(' + column + ">=? AND " + column + "<?)", {*prefix, std::move(end)}};
}

sql_text compared(std::string const& column, std::string_view op, sql_value value) {
    if (std::holds_alternative<std::monostate>(value)) return nothing();
    return {column + std::string(op) + '?', {std::move(value)}};
}

sql_text equal_text(collection const& of, condition const& wanted, std::string const& column,
                    sql_value value) {
    if (wanted.value.is_null()) return {column + " IS NULL", {}};
    if (guards_an_index(of, wanted)) return {column + '=' + literal(wanted.value.get_string()), {}};
    return compared(column, "=", std::move(value));
}

sql_text unequal_text(condition const& wanted, std::string const& column, sql_value value) {
    if (wanted.value.is_null()) return {column + " IS NOT NULL", {}};
    if (std::holds_alternative<std::monostate>(value)) return {"1", {}};
    return {column + " IS NOT ?", {std::move(value)}};
}

sql_text condition_text(collection const& of, condition const& wanted) {
    auto const type = type_of(of, wanted.field);
    auto const column = column_of(of, wanted.field);
    auto value = column_value(type, &wanted.value);
    switch (wanted.op) {
        case compare::eq:
            return equal_text(of, wanted, column, std::move(value));
        case compare::ne:
            return unequal_text(wanted, column, std::move(value));
        case compare::lt:
            return compared(column, "<", std::move(value));
        case compare::lte:
            return compared(column, "<=", std::move(value));
        case compare::gt:
            return compared(column, ">", std::move(value));
        case compare::gte:
            return compared(column, ">=", std::move(value));
        case compare::in:
            return in_text(column, type, wanted.value);
        case compare::exists:
            return {column + " IS NOT NULL", {}};
        case compare::missing:
            return {column + " IS NULL", {}};
        case compare::prefix:
            return prefix_text(column, value);
    }
    return nothing();
}

/// Rows whose keys from `at` on come after the position. The plus sign keeps these conditions
/// away from the choice of an index.
sql_text beyond(collection const& of, std::vector<sort_key> const& order,
                std::vector<json_value> const& position, std::size_t at) {
    auto const& key = order[at];
    auto const column = '+' + column_of(of, key.field);
    auto const value = column_value(type_of(of, key.field), &position[at]);
    bool const null = std::holds_alternative<std::monostate>(value);
    sql_text made;
    if (null)
        made.text = key.descending ? "0" : column + " IS NOT NULL";
    else if (key.descending)
        made = {'(' + column + "<? OR " + column + " IS NULL)", {value}};
    else
        made = {column + ">?", {value}};
    if (at + 1 == order.size()) return made;
    made.append({" OR (" + column + " IS ? AND (", {value}});
    made.append(beyond(of, order, position, at + 1));
    made.text += "))";
    return made;
}

/// Rows whose first key is NULL like the position's and whose other keys come after it.
sql_text beyond_within_null(collection const& of, std::vector<sort_key> const& order,
                            std::vector<json_value> const& position) {
    sql_text made{column_of(of, order[0].field) + " IS NULL AND (", {}};
    made.append(beyond(of, order, position, 1));
    made.text += ')';
    return made;
}

std::string make_insert_text(collection const& into) {
    std::string text = "INSERT INTO " + quoted(into.name) + "(\"id\",\"doc\"";
    for (auto const& field : into.fields)
        text += ',' + quoted(field.name);
    text += ",\"cxb_fields\") VALUES(?,?";
    for (std::size_t i = 0; i < into.fields.size(); ++i)
        text += ",?";
    return text + ',' + std::to_string(fields_mark(into)) + ')';
}

}  // namespace

void sql_text::append(sql_text other) {
    text += other.text;
    values.insert(values.end(), std::make_move_iterator(other.values.begin()),
                  std::make_move_iterator(other.values.end()));
}

std::string column_of(collection const& of, std::string_view field) {
    if (field == id_field) return "\"id\"";
    (void)type_of(of, field);
    return quoted(field);
}

sql_text where_text(collection const& of, filter const& wanted) {
    sql_text made;
    auto const join = [](sql_text& to, std::string_view word, sql_text part) {
        if (!to.text.empty()) to.text += word;
        to.append(std::move(part));
    };
    for (auto const& each : wanted.all)
        join(made, " AND ", condition_text(of, each));
    if (!wanted.any.empty()) {
        sql_text either;
        for (auto const& each : wanted.any) {
            auto part = where_text(of, each);
            part.text = '(' + part.text + ')';
            join(either, " OR ", std::move(part));
        }
        either.text = '(' + either.text + ')';
        join(made, " AND ", std::move(either));
    }
    if (made.text.empty()) made.text = "1";
    return made;
}

std::string order_text(collection const& of, std::vector<sort_key> const& sort) {
    std::string text;
    for (auto const& key : sort) {
        text += text.empty() ? " ORDER BY " : ",";
        text += column_of(of, key.field);
        if (key.descending) text += " DESC";
    }
    return text;
}

std::vector<sql_text> after_texts(collection const& of, std::vector<sort_key> const& order,
                                  std::vector<json_value> const& position) {
    auto const column = column_of(of, order[0].field);
    bool const descending = order[0].descending;
    auto const value = column_value(type_of(of, order[0].field), &position[0]);
    if (std::holds_alternative<std::monostate>(value)) {
        std::vector<sql_text> made{beyond_within_null(of, order, position)};
        if (!descending) made.push_back({column + " IS NOT NULL", {}});
        return made;
    }
    sql_text range{column + (descending ? "<=?" : ">=?") + " AND (", {value}};
    range.append(beyond(of, order, position, 0));
    range.text += ')';
    std::vector<sql_text> made{std::move(range)};
    if (descending && order[0].field != id_field) made.push_back({column + " IS NULL", {}});
    return made;
}

sql_value column_value(field_type type, json_value const* found) {
    if (found == nullptr) return {};
    switch (type) {
        case field_type::text:
        case field_type::timestamp:
            if (auto const* text = found->if_string())
                return std::string(text->data(), text->size());
            break;
        case field_type::integer:
        case field_type::real:
            if (found->is_number()) return number_value(*found);
            break;
        case field_type::boolean:
            if (auto const* flag = found->if_bool()) return std::int64_t{*flag ? 1 : 0};
            break;
    }
    return {};
}

sql_value stored_value(field_type type, json_value const* found) {
    auto const* text = found == nullptr ? nullptr : found->if_string();
    if (type == field_type::timestamp && text != nullptr) {
        auto const at = parse_timestamp(std::string_view(*text));
        if (!at || format_timestamp(*at) != *text) return {};
    }
    return column_value(type, found);
}

std::vector<sql_value> column_values(collection const& of, json_object const& document) {
    std::vector<sql_value> values;
    values.reserve(of.fields.size());
    for (auto const& field : of.fields)
        values.push_back(stored_value(field.type, wire::find_path(document, field.name)));
    return values;
}

json_value value_of(field_type type, sql_value const& stored) {
    if (auto const* whole = std::get_if<std::int64_t>(&stored)) {
        if (type == field_type::boolean) return *whole != 0;
        return *whole;
    }
    if (auto const* number = std::get_if<double>(&stored)) {
        // A column of kind REAL gives whole numbers back with a point.
        auto whole = number_value(json_value(*number));
        if (auto const* exact = std::get_if<std::int64_t>(&whole)) return *exact;
        return *number;
    }
    if (auto const* text = std::get_if<std::string>(&stored)) return json_value(*text);
    return nullptr;
}

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

// FNV-1a
std::uint64_t column_mark(std::string_view name, std::string_view type) {
    std::uint64_t mark = 0xCBF29CE484222325U;
    auto const add = [&mark](std::string_view text) {
        for (char const each : text)
            mark = (mark ^ static_cast<unsigned char>(each)) * 0x100000001B3U;
    };
    add(name);
    add(" ");
    add(type);
    return mark;
}

std::int64_t fields_mark(collection const& of) {
    std::uint64_t sum = 0;
    for (auto const& field : of.fields)
        sum += column_mark(field.name, column_type(field.type));
    return static_cast<std::int64_t>(sum);
}

std::string const& insert_text(collection const& into) {
    thread_local std::unordered_map<collection const*, std::string> texts;
    auto const [at, fresh] = texts.try_emplace(&into);
    if (fresh) at->second = make_insert_text(into);
    return at->second;
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
