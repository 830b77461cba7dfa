#include "src/store/sqlite/document_part.hpp"

#include <algorithm>
#include <optional>

#include "cxb/store/query.hpp"
#include "src/store/sqlite/document_writes.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

constexpr auto none = std::string_view::npos;
constexpr std::string_view blanks = " \t\r\n";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(blanks, at), text.size());
}

/// Where the text that begins at `at` (a quote) ends, one behind the closing quote.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (;;) {
        at = text.find('"', at + 1);
        if (at == none) return none;
        auto const before = text.find_last_not_of('\\', at - 1);
        if ((at - before) % 2 == 1) return at + 1;
    }
}

/// Where the value that begins at `at` ends; `none` when the document ends first.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        char const next = text[at];
        if (next == '"') {
            at = end_of_string(text, at);
            if (at == none || depth == 0) return at;
            continue;
        }
        bool const closes = next == '}' || next == ']';
        if (depth == 0 && (closes || next == ',')) return at;
        if (next == '{' || next == '[') ++depth;
        ++at;
        if (closes && --depth == 0) return at;
    }
    return none;
}

bool is_wanted(std::string_view name, std::vector<std::string> const& only) {
    return name == id_field || std::ranges::find(only, name) != only.end();
}

/// The document's text with the wanted members alone. Nothing when names are escaped or the text
/// is no document of ours in some other way: then all of it has to be read.
std::optional<std::string> part_of(std::string_view text, std::vector<std::string> const& only) {
    std::string part = "{";
    auto const open = skip_blanks(text, 0);
    if (open == text.size() || text[open] != '{') return std::nullopt;
    auto at = open;
    for (;;) {
        auto const name = skip_blanks(text, at + 1);
        if (name == text.size()) return std::nullopt;
        if (text[name] == '}' && at == open) break;
        if (text[name] != '"') return std::nullopt;
        auto const name_end = end_of_string(text, name);
        if (name_end == none) return std::nullopt;
        auto const bare = text.substr(name + 1, name_end - name - 2);
        auto const colon = skip_blanks(text, name_end);
        if (colon == text.size() || text[colon] != ':' || bare.find('\\') != none)
            return std::nullopt;
        auto const end = end_of_value(text, skip_blanks(text, colon + 1));
        if (end == none) return std::nullopt;
        if (is_wanted(bare, only)) {
            if (part.size() > 1) part += ',';
            part += text.substr(name, end - name);
        }
        at = skip_blanks(text, end);
        if (at == text.size()) return std::nullopt;
        if (text[at] == '}') break;
        if (text[at] != ',') return std::nullopt;
    }
    return part + '}';
}

}  // namespace

result<wire::json_object> read_part(std::string_view text, std::vector<std::string> const& only) {
    if (auto const part = part_of(text, only)) return read_document(*part);
    CXB_TRY(auto whole, read_document(text));
    wire::json_object wanted;
    for (auto& member : whole)
        if (is_wanted(member.key(), only)) wanted[member.key()] = std::move(member.value());
    return wanted;
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
