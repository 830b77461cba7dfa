#include "server/common/cut_texts.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::server {

void cut_texts(wire::json_value& value, std::size_t most) {
    if (auto const* text = value.if_string()) {
        if (text->size() > most)
            value = wire::json_value(utf8_prefix(std::string_view(*text), most));
    } else if (auto* list = value.if_array()) {
        for (auto& item : *list)
            cut_texts(item, most);
    } else if (auto* object = value.if_object()) {
        for (auto& [name, item] : *object)
            cut_texts(item, most);
    }
}

std::string readable_text(std::string_view text, std::size_t most) {
    std::string out(utf8_prefix(text, most));
    if (is_utf8(out)) return out;
    for (char& c : out)
        if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    return out;
}

}  // namespace cxb::server
