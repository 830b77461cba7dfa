#include "src/store/mongo/query_mapping.hpp"

#include <algorithm>
#include <stdexcept>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr std::int64_t first_ms = -62135596800000;  // 0001-01-01
constexpr std::int64_t last_ms = 253402300799999;   // 9999-12-31

bson_document nothing() {
    return bson_document().add(id_field, bson_document().add_list("$in", bson_document()));
}

std::string key_of(std::string_view field) {
    return field == id_field ? std::string(field) : escaped_path(field);
}

bson_document is_null(std::string const& key) {
    return bson_document().add(key, nullptr);
}
bson_document not_null(std::string const& key) {
    return bson_document().add(key, bson_document().add("$ne", nullptr));
}
bson_document none_of(bson_document const& wanted) {
    return bson_document().add_list("$nor", std::vector{wanted});
}
bson_document one_of(std::vector<bson_document> const& branches) {
    return branches.size() == 1 ? branches.front() : bson_document().add_list("$or", branches);
}

/// The first moment whose text is not less than a text that is no timestamp.
std::int64_t first_not_before(std::string_view text) {
    auto low = first_ms;
    auto high = last_ms + 1;
    while (low < high) {
        auto const middle = low + (high - low) / 2;
        if (format_timestamp(time_point(std::chrono::milliseconds(middle))) < text)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/// Adds a value of the field's kind; false when no stored value can equal it.
bool add_value(bson_document& to, std::string_view key, std::string_view field, field_type type,
               json_value const& value) {
    if (field == id_field) {
        if (!value.is_string()) return false;
        add_id(to, key, value.get_string());
        return true;
    }
    switch (type) {
        case field_type::text:
            if (!value.is_string()) return false;
            to.add(key, std::string_view(value.get_string()));
            return true;
        case field_type::timestamp: {
            if (!value.is_string()) return false;
            auto const at = parse_timestamp(std::string_view(value.get_string()));
            if (at) to.add_date(key, to_epoch_ms(*at));
            return at.has_value();
        }
        case field_type::integer:
        case field_type::real:
            if (auto const* whole = value.if_int64())
                to.add(key, *whole);
            else if (auto const* large = value.if_uint64())
                to.add(key, static_cast<double>(*large));
            else if (auto const* number = value.if_double())
                to.add(key, *number);
            return value.is_number();
        case field_type::boolean:
            if (value.is_bool()) to.add(key, value.get_bool());
            return value.is_bool();
    }
    return false;
}

/// The least 24-digit id not less than a text; "" when there is none.
std::string first_id_from(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t size = 24;
    std::string made;
    auto const next_of_prefix = [&] {
        while (!made.empty() && made.back() == 'f')
            made.pop_back();
        if (!made.empty()) made.back() = digits[digits.find(made.back()) + 1];
        return made.empty() ? made : made.append(size - made.size(), '0');
    };
    for (char const each : text.substr(0, size)) {
        auto const* const up = std::lower_bound(digits.begin(), digits.end(), each);
        if (up == digits.end()) return next_of_prefix();
        made.push_back(*up);
        if (*up != each) return made.append(size - made.size(), '0');
    }
    if (text.size() > size) return next_of_prefix();
    return made.append(size - made.size(), '0');
}

bson_document id_compared(std::string_view op, std::string_view id) {
    bson_document made;
    add_id(made, op, id);
    return bson_document().add(id_field, made);
}

/// Ids compare as texts, whatever their stored form.
bson_document id_range(compare op, std::string_view text) {
    auto const texts = [&](char const* word) {
        return bson_document().add(id_field, bson_document().add(word, text));
    };
    auto const first = first_id_from(text);
    bool const exact = is_object_id(text);
    bool const up = op == compare::gt || op == compare::gte;
    bool const with = op == compare::gte || op == compare::lte;
    std::vector<bson_document> branches{
        texts(up ? (with ? "$gte" : "$gt") : (with ? "$lte" : "$lt"))};
    if (up && !first.empty())
        branches.push_back(id_compared(exact && !with ? "$gt" : "$gte", first));
    if (!up)
        branches.push_back(first.empty() ? id_compared("$gte", std::string(24, '0'))
                                         : id_compared(exact && with ? "$lte" : "$lt", first));
    return one_of(branches);
}

/// The least text greater than all texts with this prefix, by code points; "" when there is none.
std::string end_of_prefix(std::string prefix) {
    while (!prefix.empty()) {
        auto at = prefix.size() - 1;
        while (at > 0 && (static_cast<unsigned char>(prefix[at]) & 0xC0U) == 0x80U)
            --at;
        auto code = bson_utf8_get_char(prefix.c_str() + at) + 1;
        prefix.resize(at);
        if (code > 0x10FFFF) continue;
        if (code >= 0xD800 && code < 0xE000) code = 0xE000;
        char bytes[6];
        std::uint32_t length = 0;
        bson_utf8_from_unichar(code, bytes, &length);
        return prefix.append(bytes, length);
    }
    return prefix;
}

bson_document prefix_document(std::string_view field, field_type type, std::string_view prefix) {
    auto const end = end_of_prefix(std::string(prefix));
    if (field == id_field) {
        auto const from = id_range(compare::gte, prefix);
        return end.empty() ? from : both(from, id_range(compare::lt, end));
    }
    bson_document range;
    if (type == field_type::timestamp) {
        range.add_date("$gte", first_not_before(prefix));
        if (!end.empty()) range.add_date("$lt", first_not_before(end));
    } else {
        range.add("$gte", prefix);
        if (!end.empty()) range.add("$lt", std::string_view(end));
    }
    return bson_document().add(key_of(field), range);
}

bson_document in_document(condition const& wanted, field_type type) {
    bson_document values;
    auto const* list = wanted.value.if_array();
    std::size_t place = 0;
    for (auto const& each : list == nullptr ? wire::json_array() : *list) {
        auto const key = std::to_string(place);
        if (each.is_null()) {
            values.add(key, nullptr);
            ++place;
        } else if (add_value(values, key, wanted.field, type, each)) {
            ++place;
        }
    }
    return bson_document().add(key_of(wanted.field), bson_document().add_list("$in", values));
}

bson_document range_document(condition const& wanted, field_type type) {
    constexpr char const* words[] = {"$lt", "$lte", "$gt", "$gte"};
    auto const index = static_cast<std::size_t>(wanted.op) - static_cast<std::size_t>(compare::lt);
    if (wanted.field == id_field)
        return wanted.value.is_string() ? id_range(wanted.op, wanted.value.get_string())
                                        : nothing();
    bson_document range;
    if (add_value(range, words[index], wanted.field, type, wanted.value))
        return bson_document().add(key_of(wanted.field), range);
    if (type != field_type::timestamp || !wanted.value.is_string()) return nothing();
    bool const up = wanted.op == compare::gt || wanted.op == compare::gte;
    range.add_date(up ? "$gte" : "$lt", first_not_before(wanted.value.get_string()));
    return bson_document().add(key_of(wanted.field), range);
}

bson_document equal_document(condition const& wanted, field_type type) {
    if (wanted.value.is_null()) return is_null(key_of(wanted.field));
    bson_document made;
    if (!add_value(made, key_of(wanted.field), wanted.field, type, wanted.value)) return nothing();
    return made;
}

bson_document condition_document(collection const& of, condition const& wanted) {
    auto const type = type_of(of, wanted.field);
    switch (wanted.op) {
        case compare::eq:
            return equal_document(wanted, type);
        case compare::ne:
            return wanted.value.is_null() ? not_null(key_of(wanted.field))
                                          : none_of(equal_document(wanted, type));
        case compare::lt:
        case compare::lte:
        case compare::gt:
        case compare::gte:
            return range_document(wanted, type);
        case compare::in:
            return in_document(wanted, type);
        case compare::exists:
            return not_null(key_of(wanted.field));
        case compare::missing:
            return is_null(key_of(wanted.field));
        case compare::prefix:
            if (!wanted.value.is_string() ||
                (type != field_type::text && type != field_type::timestamp))
                break;
            return prefix_document(wanted.field, type, wanted.value.get_string());
    }
    return nothing();
}

/// Documents whose key comes after the position's in this one key.
std::vector<bson_document> key_after(sort_key const& key, field_type type,
                                     json_value const& position) {
    auto const name = key_of(key.field);
    bson_document range;
    bool const native = add_value(range, key.descending ? "$lt" : "$gt", key.field, type, position);
    if (!native) return key.descending ? std::vector<bson_document>{} : std::vector{not_null(name)};
    std::vector<bson_document> made{bson_document().add(name, range)};
    if (key.field == id_field) {
        bool const object = is_object_id(position.get_string());
        if (object && key.descending)
            made.push_back(bson_document().add(name, bson_document().add("$gte", "")));
        if (!object && !key.descending) made.push_back(id_compared("$gte", std::string(24, '0')));
    } else if (key.descending) {
        made.push_back(is_null(name));
    }
    return made;
}

bson_document key_equal(sort_key const& key, field_type type, json_value const& position) {
    bson_document made;
    if (add_value(made, key_of(key.field), key.field, type, position)) return made;
    return is_null(key_of(key.field));
}

}  // namespace

field_type type_of(collection const& of, std::string_view field) {
    if (field == id_field) return field_type::text;
    auto const* declared = of.find(field);
    if (declared == nullptr)
        throw std::logic_error("collection " + std::string(of.name) + " does not declare " +
                               std::string(field));
    return declared->type;
}

bson_document both(bson_document const& left, bson_document const& right) {
    if (left.empty()) return right;
    if (right.empty()) return left;
    return bson_document().add_list("$and", std::vector{left, right});
}

bson_document id_filter(std::string_view id) {
    bson_document made;
    add_id(made, id_field, id);
    return made;
}

bson_document filter_document(collection const& of, filter const& wanted) {
    std::vector<bson_document> all;
    for (auto const& each : wanted.all)
        all.push_back(condition_document(of, each));
    if (!wanted.any.empty()) {
        std::vector<bson_document> branches;
        for (auto const& each : wanted.any)
            branches.push_back(filter_document(of, each));
        all.push_back(bson_document().add_list("$or", branches));
    }
    if (all.empty()) return {};
    return all.size() == 1 ? all.front() : bson_document().add_list("$and", all);
}

bson_document sort_document(collection const& of, std::vector<sort_key> const& sort) {
    bson_document made;
    for (auto const& key : sort) {
        (void)type_of(of, key.field);
        if (!bson_has_field(made.get(), key_of(key.field).c_str()))
            made.add(key_of(key.field), key.descending ? -1 : 1);
    }
    return made;
}

bson_document after_filter(collection const& of, std::vector<sort_key> const& order,
                           std::vector<json_value> const& position) {
    std::vector<bson_document> branches;
    bson_document equal;
    for (std::size_t i = 0; i < order.size(); ++i) {
        auto const type = type_of(of, order[i].field);
        for (auto const& each : key_after(order[i], type, position[i]))
            branches.push_back(both(equal, each));
        equal = both(equal, key_equal(order[i], type, position[i]));
    }
    return branches.empty() ? nothing() : one_of(branches);
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
