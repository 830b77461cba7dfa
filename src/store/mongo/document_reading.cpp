// BSON as documents; the other half of document_mapping.hpp.
#include <algorithm>
#include <charconv>

#include "cxb/base/clock.hpp"
#include "src/store/mongo/document_mapping.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

std::string unescaped(std::string_view name) {
    if (name == "%") return {};
    std::string made;
    for (std::size_t i = 0; i < name.size(); ++i) {
        unsigned code = 0;
        bool const escape =
            name[i] == '%' && i + 2 < name.size() &&
            std::from_chars(name.data() + i + 1, name.data() + i + 3, code, 16).ptr ==
                name.data() + i + 3;
        made.push_back(escape ? static_cast<char>(code) : name[i]);
        if (escape) i += 2;
    }
    return made;
}

json_value decimal_value(bson_iter_t const& element) {
    bson_decimal128_t number;
    char text[BSON_DECIMAL128_STRING];
    bson_iter_decimal128(&element, &number);
    bson_decimal128_to_string(&number, text);
    std::string_view const digits(text);
    std::uint64_t whole = 0;
    auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
    if (read.ec == std::errc{} && read.ptr == digits.data() + digits.size()) return whole;
    return std::strtod(text, nullptr);
}

json_object object_of(bson_document const& from, bool top) {
    json_object made;
    for_each_element(from, [&](bson_iter_t& at) {
        std::string_view const key(bson_iter_key(&at), bson_iter_key_len(&at));
        if (top && key == own_member) return;
        made[unescaped(key)] = value_of(at);
    });
    return made;
}

/// The members with one more at a place; replaces a member of the same name where it stands.
void put_member(json_object& into, std::string_view name, json_value value, std::size_t place) {
    if (auto* present = into.if_contains(name)) {
        *present = std::move(value);
        return;
    }
    if (place >= into.size()) {
        into.emplace(name, std::move(value));
        return;
    }
    json_object made;
    std::size_t at = 0;
    for (auto& each : into) {
        if (at++ == place) made.emplace(name, std::move(value));
        made.emplace(each.key(), std::move(each.value()));
    }
    into = std::move(made);
}

void put_back(json_object& document, std::string_view path, json_value value, std::size_t place) {
    auto* owner = &document;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        auto* next = owner->if_contains(path.substr(0, dot));
        if (next == nullptr || !next->is_object()) return;
        owner = &next->get_object();
        path.remove_prefix(dot + 1);
    }
    put_member(*owner, path, std::move(value), place);
}

}  // namespace

json_value value_of(bson_iter_t const& element) {
    switch (bson_iter_type(&element)) {
        case BSON_TYPE_DOUBLE:
            return bson_iter_double(&element);
        case BSON_TYPE_UTF8: {
            std::uint32_t length = 0;
            auto const* text = bson_iter_utf8(&element, &length);
            return json_value(std::string_view(text, length));
        }
        case BSON_TYPE_DOCUMENT:
            return object_of(document_of(element), false);
        case BSON_TYPE_ARRAY: {
            wire::json_array list;
            for_each_element(document_of(element),
                             [&](bson_iter_t& at) { list.push_back(value_of(at)); });
            return list;
        }
        case BSON_TYPE_OID: {
            char hex[25];
            bson_oid_to_string(bson_iter_oid(&element), hex);
            return json_value(std::string_view(hex, 24));
        }
        case BSON_TYPE_BOOL:
            return bson_iter_bool(&element);
        case BSON_TYPE_DATE_TIME:
            return json_value(format_timestamp(
                time_point(std::chrono::milliseconds(bson_iter_date_time(&element)))));
        case BSON_TYPE_INT32:
        case BSON_TYPE_INT64:
            return bson_iter_as_int64(&element);
        case BSON_TYPE_DECIMAL128:
            return decimal_value(element);
        default:
            return nullptr;  // kinds only other tools write
    }
}

json_object from_bson(bson_document const& document) {
    auto made = object_of(document, true);
    for_each_element(document.at("_cxb.k"), [&](bson_iter_t& at) {
        auto const entry = document_of(at);
        auto const value = entry.find("v");
        if (value)
            put_back(made, unescaped(bson_iter_key(&at)), value_of(value->at),
                     static_cast<std::size_t>(entry.int_at("i")));
    });
    return made;
}

bson_document without_own(bson_document const& document) {
    bson_document made;
    for_each_element(document, [&](bson_iter_t& at) {
        if (own_member != bson_iter_key(&at)) made.add(at);
    });
    return made;
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
