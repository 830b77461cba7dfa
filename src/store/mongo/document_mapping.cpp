#include "src/store/mongo/document_mapping.hpp"

#include <algorithm>

#include "cxb/base/clock.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr std::size_t unknown_place = 1'000'000;

bool is_unique_part(collection const& of, std::string_view field) {
    return std::any_of(of.indexes.begin(), of.indexes.end(), [&](auto const& index) {
        return index.unique &&
               std::find(index.fields.begin(), index.fields.end(), field) != index.fields.end();
    });
}

bool lies_below(std::string_view path, std::string_view above) {
    return path.size() > above.size() && path.starts_with(above) && path[above.size()] == '.';
}

/// Writes documents; the first fault is remembered.
class document_writer {
  public:
    explicit document_writer(collection const& of) : of_(of) {}

    bson_document kept;
    std::optional<error> fault;

    void members(bson_document& to, json_object const& from, std::string const& path, int depth) {
        std::size_t place = 0;
        for (auto const& each : from) {
            auto const name = std::string_view(each.key());
            // A name with a dot is no step of a path.
            bool const step = name.find('.') == std::string_view::npos;
            auto const own = path.empty() ? std::string(name) : path + '.' + std::string(name);
            auto const key = checked_name(name, path.empty());
            if (path.empty() && name == id_field)
                add_id(to, id_field, each.value().get_string());
            else if (step)
                member(to, key, each.value(), own, place, depth);
            else
                value(to, key, each.value(), depth);
            ++place;
        }
    }

    void member(bson_document& to, std::string_view key, json_value const& from,
                std::string const& path, std::size_t place, int depth) {
        switch (role_of(of_, path)) {
            case path_role::declared:
                declared(to, key, from, path, place, depth);
                break;
            case path_role::above_declared:
                if (from.is_array())
                    keep(path, from, place, depth);
                else if (from.is_object())
                    nested(to, key, from.get_object(), path, depth);
                else
                    value(to, key, from, depth);
                break;
            default:
                value(to, key, from, depth);
        }
    }

    void value(bson_document& to, std::string_view key, json_value const& from, int depth) {
        switch (from.kind()) {
            case boost::json::kind::null:
                to.add(key, nullptr);
                break;
            case boost::json::kind::bool_:
                to.add(key, from.get_bool());
                break;
            case boost::json::kind::int64:
                to.add(key, from.get_int64());
                break;
            case boost::json::kind::uint64:
                large(to, key, from.get_uint64());
                break;
            case boost::json::kind::double_:
                to.add(key, from.get_double());
                break;
            case boost::json::kind::string:
                text(to, key, from.get_string());
                break;
            case boost::json::kind::array:
                list(to, key, from.get_array(), depth);
                break;
            case boost::json::kind::object:
                plain(to, key, from.get_object(), depth);
                break;
        }
    }

  private:
    std::string checked_name(std::string_view name, bool top) {
        if (!bson_utf8_validate(name.data(), name.size(), true)) not_utf8();
        return escaped_name(name, top);
    }

    void not_utf8() {
        if (!fault) fault = error{errc::invalid, "Document holds a text that is no UTF-8"};
    }

    bool too_deep(int depth) {
        if (depth < max_depth) return false;
        if (!fault)
            fault = error{errc::too_large,
                          "Document is nested over " + std::to_string(max_depth) + " levels"};
        return true;
    }

    void text(bson_document& to, std::string_view key, std::string_view from) {
        if (bson_utf8_validate(from.data(), from.size(), true))
            to.add(key, from);
        else
            not_utf8();
    }

    static void large(bson_document& to, std::string_view key, std::uint64_t number) {
        if (number <= static_cast<std::uint64_t>(INT64_MAX)) {
            to.add(key, static_cast<std::int64_t>(number));
            return;
        }
        bson_value_t made{};
        made.value_type = BSON_TYPE_DECIMAL128;
        bson_decimal128_from_string(std::to_string(number).c_str(), &made.value.v_decimal128);
        to.add(key, made);
    }

    void list(bson_document& to, std::string_view key, wire::json_array const& from, int depth) {
        if (too_deep(depth)) return;
        bson_document items;
        std::size_t place = 0;
        for (auto const& each : from)
            value(items, std::to_string(place++), each, depth + 1);
        to.add_list(key, items);
    }

    void plain(bson_document& to, std::string_view key, json_object const& from, int depth) {
        if (too_deep(depth)) return;
        bson_document inner;
        for (auto const& each : from)
            value(inner, checked_name(each.key(), false), each.value(), depth + 1);
        to.add(key, inner);
    }

    void nested(bson_document& to, std::string_view key, json_object const& from,
                std::string const& path, int depth) {
        if (too_deep(depth)) return;
        bson_document inner;
        members(inner, from, path, depth + 1);
        to.add(key, inner);
    }

    void keep(std::string const& path, json_value const& from, std::size_t place, int depth) {
        bson_document entry;
        value(entry, "v", from, depth + 2);
        entry.add("i", static_cast<std::int64_t>(place));
        kept.add(kept_key(path), entry);
    }

    void declared(bson_document& to, std::string_view key, json_value const& from,
                  std::string const& path, std::size_t place, int depth) {
        auto const type = of_.find(path)->type;
        if (from.is_null() && !is_unique_part(of_, path)) {
            to.add(key, nullptr);
            return;
        }
        bool const number = type == field_type::integer || type == field_type::real;
        bool const fits = (type == field_type::text && from.is_string()) ||
                          (number && from.is_number()) ||
                          (type == field_type::boolean && from.is_bool());
        if (fits) {
            value(to, key, from, depth);
            return;
        }
        if (type == field_type::timestamp && from.is_string()) {
            std::string_view const text = from.get_string();
            if (is_canonical_timestamp(text)) {
                to.add_date(key, to_epoch_ms(*parse_timestamp(text)));
                return;
            }
        }
        keep(path, from, place, depth);
    }

    collection const& of_;
};

/// Has it a member of exactly this name, dots included?
bool has_name(bson_document const& in, std::string_view name) {
    bool found = false;
    for_each_element(in, [&](bson_iter_t& at) { found = found || name == bson_iter_key(&at); });
    return found;
}

}  // namespace

bool is_object_id(std::string_view id) noexcept {
    return id.size() == 24 && std::all_of(id.begin(), id.end(), [](char each) {
               return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f');
           });
}

bool is_canonical_timestamp(std::string_view text) {
    auto const at = parse_timestamp(text);
    return at && format_timestamp(*at) == text;
}

void add_id(bson_document& to, std::string_view key, std::string_view id) {
    if (is_object_id(id))
        to.add_object_id(key, id);
    else
        to.add(key, id);
}

std::string escaped_name(std::string_view name, bool top) {
    if (name.empty()) return "%";
    if (top && name == own_member) return "%5Fcxb";
    std::string made;
    for (std::size_t i = 0; i < name.size(); ++i) {
        char const each = name[i];
        if (each == '%')
            made += "%25";
        else if (each == '.')
            made += "%2E";
        else if (each == '\0')
            made += "%00";
        else if (each == '$' && i == 0)
            made += "%24";
        else
            made += each;
    }
    return made;
}

std::string escaped_path(std::string_view path) {
    std::string made;
    bool top = true;
    for (;;) {
        auto const dot = path.find('.');
        made += escaped_name(path.substr(0, dot), top);
        if (dot == std::string_view::npos) return made;
        made += '.';
        path.remove_prefix(dot + 1);
        top = false;
    }
}

std::string kept_key(std::string_view path) {
    return escaped_name(path, false);
}

path_role role_of(collection const& of, std::string_view path) {
    auto role = path_role::free;
    for (auto const& field : of.fields) {
        if (field.name == path) return path_role::declared;
        if (lies_below(field.name, path)) role = path_role::above_declared;
        if (lies_below(path, field.name)) role = path_role::below_declared;
    }
    return role;
}

result<bson_document> to_bson(collection const& of, json_object const& document) {
    document_writer writer(of);
    bson_document made;
    writer.members(made, document, {}, 1);
    if (writer.fault) return *std::move(writer.fault);
    if (!writer.kept.empty()) {
        bson_document own;
        own.add("k", writer.kept);
        made.add(own_member, own);
    }
    if (made.bytes() > max_document) return error{errc::too_large, "Document is over 16 MiB"};
    return made;
}

void add_missing(bson_document& to, bson_document const& from) {
    for_each_element(from, [&](bson_iter_t& at) {
        if (!has_name(to, bson_iter_key(&at))) to.add(at);
    });
}

void forget_below(collection const& of, std::string_view path, bson_document& forget) {
    for (auto const& field : of.fields) {
        // Lists on the way to the field may be kept under any of its upper paths.
        for (auto part = field.name; !part.empty();) {
            bool const below = part == path || lies_below(part, path);
            auto const key = "_cxb.k." + kept_key(part);
            if (below && !has_name(forget, key)) forget.add(key, "");
            auto const dot = part.rfind('.');
            part = dot == std::string_view::npos ? std::string_view{} : part.substr(0, dot);
        }
    }
}

result<stored_value> store_at(collection const& of, std::string_view path,
                              json_value const& value) {
    document_writer writer(of);
    bson_document holder;
    writer.member(holder, "v", value, std::string(path), unknown_place, 1);
    if (writer.fault) return *std::move(writer.fault);
    if (holder.bytes() + writer.kept.bytes() > max_document)
        return error{errc::too_large, "Document is over 16 MiB"};
    stored_value made;
    if (auto const native = holder.find("v"))
        made.set.add(escaped_path(path), native->at);
    else
        made.unset.add(escaped_path(path), "");
    bson_document all;
    forget_below(of, path, all);
    // A list that stood on the way becomes an object.
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
        if (role_of(of, path.substr(0, dot)) == path_role::above_declared)
            all.add("_cxb.k." + kept_key(path.substr(0, dot)), "");
    for_each_element(writer.kept, [&](bson_iter_t& at) {
        made.kept.add("_cxb.k." + std::string(bson_iter_key(&at)), at);
    });
    for_each_element(all, [&](bson_iter_t& at) {
        std::string_view const key = bson_iter_key(&at);
        if (!has_name(made.kept, key)) made.forget.add(key, "");
    });
    return made;
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
