#include "server/api/bots/document_diff.hpp"

namespace cxb::api {
namespace {

using wire::json_value;
using changes = std::vector<document_change>;

void compare(json_value const& from, json_value const& to, std::string const& path, changes& out);

void compare_objects(wire::json_object const& from, wire::json_object const& to,
                     std::string const& path, changes& out) {
    for (auto const& [name, value] : to) {
        std::string const at = wire::append_pointer(path, name);
        if (auto const* const before = from.if_contains(name))
            compare(*before, value, at, out);
        else
            out.push_back({at, std::nullopt, value});
    }
    for (auto const& [name, value] : from)
        if (!to.contains(name))
            out.push_back({wire::append_pointer(path, name), value, std::nullopt});
}

void compare_lists(wire::json_array const& from, wire::json_array const& to,
                   std::string const& path, changes& out) {
    for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
        std::string const at = path + "/" + std::to_string(i);
        if (i >= from.size())
            out.push_back({at, std::nullopt, to[i]});
        else if (i >= to.size())
            out.push_back({at, from[i], std::nullopt});
        else
            compare(from[i], to[i], at, out);
    }
}

void compare(json_value const& from, json_value const& to, std::string const& path, changes& out) {
    if (from == to) return;
    if (from.is_object() && to.is_object())
        compare_objects(from.get_object(), to.get_object(), path, out);
    else if (from.is_array() && to.is_array())
        compare_lists(from.get_array(), to.get_array(), path, out);
    else
        out.push_back({path, from, to});
}

}  // namespace

std::vector<document_change> diff_documents(wire::json_object const& from,
                                            wire::json_object const& to) {
    changes out;
    compare_objects(from, to, "", out);
    return out;
}

wire::json_object to_json(document_change const& change) {
    char const* const op = !change.old_value ? "add" : !change.new_value ? "remove" : "replace";
    wire::json_object out{{"path", change.path}, {"op", op}};
    if (change.old_value) out["old"] = *change.old_value;
    if (change.new_value) out["new"] = *change.new_value;
    return out;
}

}  // namespace cxb::api
