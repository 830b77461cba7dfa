#include "server/api/bots/unknown_members.hpp"

#include <algorithm>

namespace cxb::api {
namespace {

using wire::json_object;
using wire::json_value;
using wire::detail::value_kind;
using names = std::vector<std::string>;

wire::field_row const* row_named(wire::object_table const& table, std::string_view name) {
    auto const& infos = table.fields();
    for (std::size_t i = 0; i < infos.size(); ++i) {
        auto const& aliases = infos[i].aliases;
        if (infos[i].name == name ||
            std::find(aliases.begin(), aliases.end(), name) != aliases.end())
            return &table.rows()[i];
    }
    return nullptr;
}

void keep_in(wire::object_table const& table, json_object const& sent, json_object& kept,
             std::string const& path, names& out);

// A nested object, or the objects of a list.
void keep_below(wire::field_row const& row, json_value const& sent, json_value& kept,
                std::string const& path, names& out) {
    auto const* const value = row.data().ops->value;
    if (value == nullptr) return;
    if (value->kind == value_kind::record && sent.is_object() && kept.is_object())
        return keep_in(value->table(), sent.get_object(), kept.get_object(), path + ".", out);
    bool const records = value->kind == value_kind::list && value->item != nullptr &&
                         value->item->kind == value_kind::record;
    if (!records || !sent.is_array() || !kept.is_array()) return;
    auto const& items = sent.get_array();
    for (std::size_t i = 0; i < std::min(items.size(), kept.get_array().size()); ++i)
        if (items[i].is_object() && kept.get_array()[i].is_object())
            keep_in(value->item->table(), items[i].get_object(), kept.get_array()[i].get_object(),
                    path + "." + std::to_string(i) + ".", out);
}

void keep_in(wire::object_table const& table, json_object const& sent, json_object& kept,
             std::string const& path, names& out) {
    for (auto const& [name, value] : sent) {
        if (value.is_null()) continue;
        std::string const at = path + std::string(name);
        auto const* const row = row_named(table, name);
        if (row == nullptr) {
            kept[name] = value;
            out.push_back(at);
        } else if (auto* const written = kept.if_contains(row->data().name)) {
            keep_below(*row, value, *written, at, out);
        }
    }
}

}  // namespace

std::vector<std::string> keep_unknown_members(wire::object_table const& table,
                                              json_object const& sent, json_object& kept) {
    names out;
    keep_in(table, sent, kept, "", out);
    return out;
}

}  // namespace cxb::api
