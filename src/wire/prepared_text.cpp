#include "cxb/wire/prepared_text.hpp"

#include <algorithm>
#include <stdexcept>

#include "src/wire/writer.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

void refuse(object_table const& table, std::string_view why) {
    throw std::logic_error(std::string("prepared text of ").append(table.name()).append(why));
}

}  // namespace

prepared_text::prepared_text(object_table const& table, void const* common,
                             std::span<std::string_view const> varying)
    : table_(&table), pieces_(1) {
    auto const names = table.names();
    for (auto const name : varying)
        if (std::find(names.begin(), names.end(), name) == names.end())
            refuse(table, std::string(": no member ").append(name));
    // The sink takes a brace as "no comma"; it belongs to the whole document, not to the piece.
    std::string text = "{";
    detail::text_sink sink(text);
    detail::writer<detail::text_sink> writer(sink);
    for (std::size_t i = 0; i < names.size(); ++i) {
        bool const varies = std::find(varying.begin(), varying.end(), names[i]) != varying.end();
        if (!varies) {
            writer.member(table, i, common);
            continue;
        }
        pieces_.back() = {text.substr(1), i};
        pieces_.emplace_back();
        text = "{";
    }
    pieces_.back().text = text.substr(1);
}

std::size_t prepared_text::size() const noexcept {
    std::size_t sum = 2;
    for (auto const& each : pieces_)
        sum += each.text.size() + 1;
    return sum;
}

void prepared_text::write_from(object_table const& table, void const* value,
                               std::string& out) const {
    if (&table != table_) refuse(table, ": of another type");
    detail::text_sink sink(out);
    detail::writer<detail::text_sink> writer(sink);
    sink.object_begin();
    for (auto const& each : pieces_) {
        if (!each.text.empty() && out.back() != '{') out += ',';
        out += each.text;
        if (each.row != no_row) writer.member(table, each.row, value);
    }
    writer.unknown(table.spec(), value);
    sink.object_end();
}

}  // namespace wire
}  // namespace cxb::inline v1
