#include "src/store/find_cursor.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace store {

namespace {

std::string name_of(std::vector<sort_key> const& order) {
    std::string name;
    for (auto const& key : order)
        name += (key.descending ? '-' : '+') + key.field;
    return name;
}

bool fits(json_value const& root, std::vector<sort_key> const& order) {
    auto const* members = root.if_object();
    if (members == nullptr || wire::text_at(*members, "o") != name_of(order)) return false;
    auto const* values = members->if_contains("v");
    if (values == nullptr || !values->is_array()) return false;
    auto const& list = values->get_array();
    return list.size() == order.size() && list.back().is_string() &&
           std::none_of(list.begin(), list.end(),
                        [](auto const& each) { return each.is_structured(); });
}

}  // namespace

std::vector<sort_key> complete_order(std::vector<sort_key> sort) {
    auto const at = std::find_if(sort.begin(), sort.end(),
                                 [](auto const& key) { return key.field == id_field; });
    if (at != sort.end()) {
        sort.erase(at + 1, sort.end());
        return sort;
    }
    bool const descending = !sort.empty() && sort.back().descending;
    sort.push_back({std::string(id_field), descending});
    return sort;
}

std::string write_cursor(std::vector<sort_key> const& order,
                         std::vector<json_value> const& values) {
    json_object root;
    root["o"] = name_of(order);
    root["v"] = wire::json_array(values.begin(), values.end());
    return to_base64url(wire::to_text(root));
}

result<std::vector<json_value>> read_cursor(std::vector<sort_key> const& order,
                                            std::string const& text) {
    auto const refused = [] { return invalid_member("/cursor", "not a cursor of this list"); };
    if (text.size() > 4 * limits::kib) return refused();
    auto bytes = from_base64url(text);
    if (!bytes) return refused();
    auto root = wire::parse_json(*bytes);
    if (!root || !fits(*root, order)) return refused();
    auto const& list = root->get_object().at("v").get_array();
    return std::vector<json_value>(list.begin(), list.end());
}

}  // namespace store
}  // namespace cxb::inline v1
