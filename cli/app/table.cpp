#include "cli/app/table.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::cli {
namespace {

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// Control characters of foreign texts would move the reader's cursor.
std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return text;
}

std::string text_of(wire::json_value const& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) {
        std::string const text(value.get_string());
        return text.empty() ? "-" : one_line(text);
    }
    if (value.is_array()) {
        std::string out;
        for (auto const& item : value.get_array())
            out += (out.empty() ? "" : ",") + text_of(item);
        return out.empty() ? "-" : out;
    }
    return wire::to_text(value);
}

void append_line(std::string& out, std::vector<std::string> const& cells,
                 std::vector<std::size_t> const& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        line.append(widths[i] - width_of(cells[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
}

}  // namespace

std::string format_table(std::vector<std::string> const& heads,
                         std::vector<std::vector<std::string>> const& rows) {
    std::vector<std::size_t> widths;
    widths.reserve(heads.size());
    for (auto const& head : heads)
        widths.push_back(width_of(head));
    for (auto const& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(row[i]));
    std::string out;
    append_line(out, heads, widths);
    for (auto const& row : rows)
        append_line(out, row, widths);
    return out;
}

std::string readable_time(std::string_view timestamp) {
    if (timestamp.empty()) return "-";
    auto const at = parse_timestamp(timestamp);
    if (!at) return std::string(timestamp);
    std::string text = format_timestamp(*at).substr(0, 19);
    text[10] = ' ';
    return text;
}

std::string cell(wire::json_object const& row, std::string_view path) {
    auto const* value = wire::find_path(row, path);
    return value == nullptr ? "-" : text_of(*value);
}

std::string format_rows(wire::json_array const& rows, std::vector<column> const& columns) {
    std::vector<std::string> heads;
    heads.reserve(columns.size());
    for (auto const& one : columns)
        heads.emplace_back(one.head);
    std::vector<std::vector<std::string>> cells;
    for (auto const& row : rows) {
        if (!row.is_object()) continue;
        std::vector<std::string> line;
        for (auto const& one : columns) {
            auto const& object = row.get_object();
            line.push_back(one.time ? readable_time(wire::text_at(object, one.path))
                                    : cell(object, one.path));
        }
        cells.push_back(std::move(line));
    }
    return format_table(heads, cells);
}

std::string format_object(wire::json_object const& object) {
    constexpr std::size_t longest = 200;
    std::size_t width = 0;
    for (auto const& member : object)
        width = std::max(width, width_of(member.key()));
    std::string out;
    for (auto const& [name, value] : object) {
        std::string text = text_of(value);
        if (text.size() > longest) text = std::string(utf8_prefix(text, longest)) + "…";
        out += std::string(name);
        out.append(width - width_of(name) + 2, ' ');
        out += text + '\n';
    }
    return out;
}

}  // namespace cxb::cli
