#include "cxb/domain/csv_cell.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::string_view formula_starts = "=@+-\t\r";
constexpr std::string_view needs_quotes = "\",\r\n";

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// Takes digits from the front and says whether there were any.
bool take_digits(std::string_view& text) noexcept {
    auto const end = std::find_if_not(text.begin(), text.end(), is_digit);
    auto const count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count > 0;
}

bool take_one_of(std::string_view& text, std::string_view wanted) noexcept {
    if (text.empty() || wanted.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// `+` and digits is one as well.
bool is_number(std::string_view text) noexcept {
    take_one_of(text, "+-");
    if (!take_digits(text)) return false;
    if (take_one_of(text, ".") && !take_digits(text)) return false;
    if (take_one_of(text, "eE")) {
        take_one_of(text, "+-");
        if (!take_digits(text)) return false;
    }
    return text.empty();
}

}  // namespace

bool looks_like_formula(std::string_view text) noexcept {
    bool const begins =
        !text.empty() && formula_starts.find(text.front()) != std::string_view::npos;
    return begins && !is_number(text);
}

std::string csv_cell(std::string_view text) {
    std::string out;
    bool const quoted = text.find_first_of(needs_quotes) != std::string_view::npos;
    out.reserve(text.size() + 3);
    if (quoted) out += '"';
    if (looks_like_formula(text)) out += '\'';
    for (char const c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    if (quoted) out += '"';
    return out;
}

std::string csv_row(std::span<std::string const> cells) {
    std::string out;
    bool first = true;
    for (auto const& cell : cells) {
        if (!first) out += ',';
        first = false;
        out += csv_cell(cell);
    }
    return out += "\r\n";
}

}  // namespace domain
}  // namespace cxb::inline v1
